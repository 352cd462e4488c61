import bufferCrc32 from 'buffer-crc32'
import { bufferView } from './buffer-view.js'

/** CRC-32 (IEEE) of `bytes[start, end)` as an unsigned number: the checksum of message sets, magic 0 and 1. */
export const crc32 = (bytes: Uint8Array, start = 0, end: number = bytes.length): number =>
  bufferCrc32.unsigned(bufferView(bytes, start, end))
