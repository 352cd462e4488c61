import * as zlib from 'node:zlib'
import { bufferView } from '../bytes/buffer-view.js'
import type { Codec } from './codec.js'
import { badBlock, tooLarge } from './faults.js'
import type { ZstdEngine } from './zstd-engine.js'
import { zstdFrames } from './zstd-frame.js'
import { loadZstdWasm } from './zstd-wasm.js'

/** Java's default, and zstd's own. */
const defaultLevel = 3
/** Decoders should take windows of 8 MB whatever the size of the content (RFC 8878, 3.1.1.1.2). */
const smallestWindowLog = 23
const largestWindowLog = 27

/** The engine of node:zlib; undefined before Node 22.15. */
export const builtInZstd = (): ZstdEngine | undefined => {
  const { constants, zstdCompressSync, zstdDecompressSync } = zlib
  if (typeof zstdCompressSync !== 'function') return undefined
  return {
    compress: (bytes, level) =>
      zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }),
    decompressFrame: (frame, maxBytes) => {
      const needed = Math.ceil(Math.log2(maxBytes))
      const windowLog = Math.min(Math.max(needed, smallestWindowLog), largestWindowLog)
      try {
        return zstdDecompressSync(frame, {
          maxOutputLength: maxBytes,
          params: { [constants.ZSTD_d_windowLogMax]: windowLog },
        })
      } catch (error) {
        if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return undefined
        throw error
      }
    },
  }
}

let loaded: ZstdEngine | undefined
const load = (): ZstdEngine => {
  loaded ??= builtInZstd() ?? loadZstdWasm()
  return loaded
}

/** The codec on a given engine. Exported for the tests, which run both where both exist. */
export const zstdOn = (engine: () => ZstdEngine): Codec => ({
  compress: (bytes, { level = defaultLevel }) => engine().compress(bytes, level),
  decompress: (bytes, { maxBytes }) => {
    const buffer = bufferView(bytes)
    const parts: Uint8Array[] = []
    let left = maxBytes
    for (const { start, end, mostBytes } of zstdFrames(buffer)) {
      const part = decompressFrame(engine(), buffer.subarray(start, end), mostBytes, left)
      if (part === undefined) throw tooLarge('zstd', maxBytes)
      parts.push(part)
      left -= part.length
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  },
})

const decompressFrame = (
  engine: ZstdEngine,
  frame: Buffer,
  mostBytes: number,
  left: number,
): Uint8Array | undefined => {
  if (mostBytes === 0) return new Uint8Array(0)
  try {
    return left === 0 ? undefined : engine.decompressFrame(frame, Math.min(mostBytes, left))
  } catch (cause) {
    throw badBlock('zstd', (cause as Error).message, cause)
  }
}

/** zstd by node:zlib where it has it (Node 22.15), by WebAssembly before. Reads frames of unknown size, also several in a row. */
export const zstd: Codec = zstdOn(load)
