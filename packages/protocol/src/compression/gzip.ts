import { constants, gunzipSync, gzipSync } from 'node:zlib'
import type { Codec } from './codec.js'
import { badBlock, tooLarge } from './faults.js'

/** Limits that zlib takes are from 1 to this. */
const mostBytes = 2 ** 32

/** gzip (RFC 1952) by node:zlib, which reads concatenated members to the end by itself. */
export const gzip: Codec = {
  compress: (bytes, { level }) =>
    gzipSync(bytes, { level: level ?? constants.Z_DEFAULT_COMPRESSION }),
  decompress: (bytes, { maxBytes }) => {
    let output: Uint8Array
    try {
      output = gunzipSync(bytes, { maxOutputLength: Math.min(Math.max(maxBytes, 1), mostBytes) })
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
        throw tooLarge('gzip', maxBytes)
      throw badBlock('gzip', (cause as Error).message, cause)
    }
    if (output.length > maxBytes) throw tooLarge('gzip', maxBytes)
    return output
  },
}
