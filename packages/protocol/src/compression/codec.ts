/** Kafka's compression codecs in the order of their attribute bits. */
export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Name of a compression codec, as in the `compression.type` configuration. */
export type CompressionName = (typeof compressionNames)[number]

/** Options of a codec's compressor. */
export interface CompressOptions {
  /** gzip 1-9, zstd 1-22; the others have no levels. */
  readonly level?: number | undefined
  /** Magic of the batch around the block; only lz4 cares (its frame header differs in magic 0). */
  readonly magic?: number | undefined
}

/** Options of a codec's decompressor. */
export interface DecompressOptions {
  /** The most bytes the output may have; one more is an error, found before the memory is allocated. */
  readonly maxBytes: number
  /** Magic of the batch around the block; only lz4 cares. */
  readonly magic?: number | undefined
}

/** One codec. Loaded on first use, as its package may be missing. */
export interface Codec {
  /** Compresses a block into one frame of Kafka's framing. */
  readonly compress: (bytes: Uint8Array, options: CompressOptions) => Uint8Array
  /** Decompresses all frames of a block. Throws WireError on bad bytes or when `maxBytes` is passed. */
  readonly decompress: (bytes: Uint8Array, options: DecompressOptions) => Uint8Array
}
