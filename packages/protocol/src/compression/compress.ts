import { InvalidArgumentError } from '../errors.js'
import type { Codec, CompressionName, CompressOptions, DecompressOptions } from './codec.js'
import { gzip } from './gzip.js'
import { lz4 } from './lz4.js'
import { snappy } from './snappy.js'
import { zstd } from './zstd.js'

const none: Codec = {
  compress: (bytes) => bytes,
  decompress: (bytes) => bytes,
}

const codecs: Readonly<Record<CompressionName, Codec>> = { none, gzip, snappy, lz4, zstd }

const codecOf = (name: CompressionName): Codec => {
  if (Object.hasOwn(codecs, name)) return codecs[name]
  throw new InvalidArgumentError(
    `compression ${JSON.stringify(name)} does not exist: use ${Object.keys(codecs).join(', ')}`,
  )
}

/**
 * Compresses a block with a codec of Kafka's (`none` returns the bytes as they are). Throws UnsupportedCompressionError when
 * the codec's package is not installed.
 */
export const compress = (
  codec: CompressionName,
  bytes: Uint8Array,
  options: CompressOptions = {},
): Uint8Array => codecOf(codec).compress(bytes, options)

/**
 * Decompresses a block: all its frames, at most `maxBytes` of output. Throws WireError on bad bytes or more output, and
 * UnsupportedCompressionError when the codec's package is not installed.
 */
export const decompress = (
  codec: CompressionName,
  bytes: Uint8Array,
  options: DecompressOptions,
): Uint8Array => codecOf(codec).decompress(bytes, options)
