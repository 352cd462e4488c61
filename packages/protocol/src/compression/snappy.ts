import { createRequire } from 'node:module'
import { bufferView } from '../bytes/buffer-view.js'
import type { Codec } from './codec.js'
import { badBlock, tooLarge } from './faults.js'
import { loadPackage } from './load-package.js'

interface Snappy {
  compressSync(bytes: Uint8Array): Buffer
  uncompressSync(bytes: Uint8Array): Buffer
}

const require = createRequire(import.meta.url)
let loaded: Snappy | undefined
const load = (): Snappy => {
  loaded ??= loadPackage<Snappy>('snappy', 'snappy', () => require('snappy'))
  return loaded
}

/** Begins the stream format of snappy-java ("xerial"), which Java clients and brokers write. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** Magic, version and compatible version, both int32. */
const xerialHeaderBytes = 16
/** Input bytes per chunk, as snappy-java's default buffer. */
const xerialChunkBytes = 32 * 1024

/** Writes the xerial stream: header, then chunks of int32 length and a raw snappy block. */
const compress = (bytes: Uint8Array): Buffer => {
  const snappy = load()
  const header = Buffer.alloc(xerialHeaderBytes)
  header.set(xerialMagic)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  const parts: Uint8Array[] = [header]
  for (let at = 0; at < bytes.length; at += xerialChunkBytes) {
    const block = snappy.compressSync(
      bufferView(bytes, at, Math.min(at + xerialChunkBytes, bytes.length)),
    )
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** The length a raw block says it has when decompressed: an unsigned varint in front. */
const uncompressedLength = (block: Uint8Array): number => {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) throw badBlock('snappy', 'it ends inside its length')
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw badBlock('snappy', 'its length takes more than five bytes')
}

/**
 * Decompresses one raw block. The length in front is only a claim, so it is held against what the block can produce: each
 * element of at most 64 bytes of output takes two bytes at least.
 */
const uncompressBlock = (block: Buffer, maxBytes: number, allowed: number): Buffer => {
  const length = uncompressedLength(block)
  if (length > allowed) throw tooLarge('snappy', maxBytes)
  if (length > block.length * 32) throw badBlock('snappy', `it cannot hold ${length} bytes`)
  try {
    return load().uncompressSync(block)
  } catch (cause) {
    throw badBlock('snappy', (cause as Error).message, cause)
  }
}

const decompressXerial = (bytes: Buffer, maxBytes: number): Buffer => {
  const parts: Buffer[] = []
  let total = 0
  let at = 0
  while (at < bytes.length) {
    // Streams may be appended to each other: a header may stand wherever a chunk may. The version words are not looked at,
    // as some writers put them in little-endian.
    if (startsXerial(bytes, at)) {
      at += xerialHeaderBytes
      continue
    }
    if (at + 4 > bytes.length) throw badBlock('snappy', 'it ends inside a chunk length')
    const length = bytes.readInt32BE(at)
    at += 4
    if (length < 0 || length > bytes.length - at) {
      throw badBlock('snappy', `a chunk of ${length} bytes with ${bytes.length - at} bytes left`)
    }
    const part = uncompressBlock(bytes.subarray(at, at + length), maxBytes, maxBytes - total)
    parts.push(part)
    total += part.length
    at += length
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, total)
}

const startsXerial = (bytes: Buffer, at: number): boolean =>
  bytes.length - at >= xerialHeaderBytes &&
  xerialMagic.equals(bytes.subarray(at, at + xerialMagic.length))

/** snappy: writes the xerial stream as Java does; reads it, and the single raw block that other clients send. */
export const snappy: Codec = {
  compress,
  decompress: (bytes, { maxBytes }) => {
    const buffer = bufferView(bytes)
    return startsXerial(buffer, 0)
      ? decompressXerial(buffer, maxBytes)
      : uncompressBlock(buffer, maxBytes, maxBytes)
  },
}
