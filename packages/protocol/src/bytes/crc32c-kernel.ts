import { webAssembly } from '../web-assembly.js'
import { crc32cProgram, crc32cLayout as layout } from './crc32c-program.js'

/** The same as `crc32c`, of at least `crc32cLayout.minBytes` bytes. */
export type Crc32cKernel = (
  bytes: Uint8Array,
  start: number,
  end: number,
  previous: number,
) => number

/** What the module exports. `seed` is the inverse of the checksum before the first block, 0 for those that follow. */
interface Program {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly fold: (length: number, seed: number) => void
  readonly finish: (length: number, seed: number) => number
}

const { message, history, blockBytes } = layout
const maxBytes = blockBytes + layout.minBytesAfterFold

/**
 * Starts the module; undefined where WebAssembly or its SIMD instructions are missing, or memory is refused. Takes about
 * a millisecond and 128 KB, and what V8 reserves of addresses.
 */
export const startCrc32cKernel = (): Crc32cKernel | undefined => {
  const wasm = webAssembly()
  if (wasm === undefined) return undefined
  try {
    const module = new wasm.Module(Buffer.from(crc32cProgram(), 'base64'))
    return kernelOf(new wasm.Instance(module, {}).exports as Program)
  } catch {
    return undefined
  }
}

const kernelOf = ({ memory: { buffer }, fold, finish }: Program): Crc32cKernel => {
  const memory = new Uint8Array(buffer)
  return (bytes, start, end, previous) => {
    const { buffer, byteOffset } = bytes
    let seed = ~previous
    let at = start
    for (; end - at > maxBytes; at += blockBytes) {
      memory.set(new Uint8Array(buffer, byteOffset + at, blockBytes), message)
      fold(blockBytes, seed)
      seed = 0
    }
    memory.set(new Uint8Array(buffer, byteOffset + at, end - at), message)
    const crc = finish(end - at, seed)
    if (at > start) memory.fill(0, message - history, message)
    return ~crc >>> 0
  }
}
