import { createRequire } from 'node:module'
import { bufferView } from '../bytes/buffer-view.js'
import type { Codec } from './codec.js'
import { badBlock, tooLarge } from './faults.js'
import { loadPackage } from './load-package.js'
import {
  checkContent,
  endOfSkippable,
  type FrameDescriptor,
  frameMagic,
  readBlock,
  readDescriptor,
  storedFlag,
} from './lz4-frame.js'

/** Raw blocks with a little-endian uint32 of the uncompressed size in front. */
interface Lz4 {
  compressSync(bytes: Uint8Array): Buffer
  uncompressSync(bytes: Uint8Array, dictionary?: Uint8Array): Buffer
}

const require = createRequire(import.meta.url)
let loaded: Lz4 | undefined
const load = (): Lz4 => {
  loaded ??= loadPackage<Lz4>('lz4', 'lz4-napi', () => require('lz4-napi'))
  return loaded
}

/** Java's block size. Consumers of Java allocate by what the frame says, so no larger ones. */
const blockBytes = 64 * 1024
/** A block grows at most 255 times; below that its output is bounded by its input. */
const largestRatio = 255
/** How far back a linked block may refer. */
const windowBytes = 64 * 1024

/** Version 1, independent blocks of 64 KB, no checksums, no content size; then the descriptor's own checksum. */
const descriptor = [0x60, 0x40, 0x82]
/** The same with the checksum that Java computed over one field too many in magic 0 (KAFKA-3160). */
const descriptorMagic0 = [0x60, 0x40, 0x1a]

/** Writes one LZ4 frame as Java does. */
const compress = (bytes: Uint8Array, magic: number): Buffer => {
  const lz4 = load()
  const header = Buffer.alloc(7)
  header.writeUInt32LE(frameMagic)
  header.set(magic === 0 ? descriptorMagic0 : descriptor, 4)
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const plain = bufferView(bytes, at, Math.min(at + blockBytes, bytes.length))
    // The four bytes of size in front become the block's length field.
    const block = lz4.compressSync(plain)
    if (block.length - 4 < plain.length) {
      block.writeUInt32LE(block.length - 4)
      parts.push(block)
      continue
    }
    const size = Buffer.allocUnsafe(4)
    size.writeUInt32LE((plain.length | storedFlag) >>> 0)
    parts.push(size, plain)
  }
  parts.push(Buffer.alloc(4))
  return Buffer.concat(parts)
}

/** The output of a block's frames so far. */
class Output {
  readonly parts: Uint8Array[] = []
  total = 0
  private readonly maxBytes: number

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get left(): number {
    return this.maxBytes - this.total
  }

  push(part: Uint8Array): void {
    if (part.length > this.left) throw this.tooLarge()
    this.parts.push(part)
    this.total += part.length
  }

  tooLarge(): Error {
    return tooLarge('lz4', this.maxBytes)
  }

  /** The output from part `from` on, joined. */
  joined(from = 0): Uint8Array {
    const parts = this.parts.slice(from)
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  }

  /** The last 64 KB since part `from`: what a linked block may refer to. */
  window(from: number): Uint8Array {
    let first = this.parts.length
    let size = 0
    while (first > from && size < windowBytes) size += (this.parts[--first] as Uint8Array).length
    return this.joined(first).subarray(-windowBytes)
  }
}

const decompressBlock = (
  block: Buffer,
  frame: FrameDescriptor,
  output: Output,
  firstPart: number,
): Uint8Array => {
  const most = Math.min(frame.blockMaxBytes, block.length * largestRatio)
  const sized = Buffer.allocUnsafe(block.length + 4)
  sized.writeUInt32LE(Math.min(most, output.left))
  sized.set(block, 4)
  const dictionary =
    frame.linked && output.parts.length > firstPart ? output.window(firstPart) : undefined
  try {
    return load().uncompressSync(sized, dictionary)
  } catch (cause) {
    // The library says in words only whether the room was too small or the block malformed.
    if (output.left < most && /too small|output/i.test((cause as Error).message)) {
      throw output.tooLarge()
    }
    throw badBlock('lz4', (cause as Error).message, cause)
  }
}

/** Reads one frame and returns where it ends. */
const decompressFrame = (bytes: Buffer, at: number, magic: number, output: Output): number => {
  const frame = readDescriptor(bytes, at, magic !== 0)
  const { contentSize = 0 } = frame
  if (contentSize > output.left) throw output.tooLarge()
  const firstPart = output.parts.length
  const before = output.total
  let next = frame.blocksAt
  for (;;) {
    const block = readBlock(bytes, next, frame)
    if (block === undefined) break
    const content = bytes.subarray(block.start, block.end)
    output.push(block.stored ? content : decompressBlock(content, frame, output, firstPart))
    next = block.nextAt
  }
  next += 4
  if (frame.contentSize !== undefined && output.total - before !== contentSize) {
    throw badBlock(
      'lz4',
      `the frame announces ${contentSize} bytes and holds ${output.total - before}`,
    )
  }
  if (!frame.contentChecksum) return next
  checkContent(bytes, next, output.joined(firstPart))
  return next + 4
}

/** lz4: writes one frame of independent 64 KB blocks as Java does, reads every kind of frame, also several in a row. */
export const lz4: Codec = {
  compress: (bytes, { magic = 2 }) => compress(bytes, magic),
  decompress: (bytes, { maxBytes, magic = 2 }) => {
    const buffer = bufferView(bytes)
    const output = new Output(maxBytes)
    let at = 0
    while (at < buffer.length) {
      at = endOfSkippable(buffer, at) ?? decompressFrame(buffer, at, magic, output)
    }
    return output.joined()
  },
}
