import { type Crc32cKernel, startCrc32cKernel } from './crc32c-kernel.js'
import { crc32cTables } from './crc32c-tables.js'

/** Below this many bytes the tables are quicker than copying into the kernel's memory and calling it. */
const kernelFromBytes = 256

/** undefined: not started yet; null: cannot be. */
let kernel: Crc32cKernel | null | undefined

/**
 * CRC-32C (Castagnoli) of `bytes[start, end)` as an unsigned number, the checksum of record batches. `previous` is the
 * checksum of the bytes before, to go on from. Long inputs are folded in WebAssembly, short ones, and all where WebAssembly is
 * switched off, go through tables.
 */
export const crc32c = (
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous = 0,
): number => {
  if (end - start < kernelFromBytes) return crc32cTables(bytes, start, end, previous)
  if (kernel === undefined) kernel = startCrc32cKernel() ?? null
  if (kernel === null) return crc32cTables(bytes, start, end, previous)
  return kernel(bytes, start, end, previous)
}
