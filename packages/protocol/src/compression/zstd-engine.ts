/** What runs zstd here. Neither reads more than one frame at a time. */
export interface ZstdEngine {
  compress(bytes: Uint8Array, level: number): Uint8Array
  /** Decompresses one frame; undefined when the output exceeds `maxBytes`. Throws anything on bad bytes. */
  decompressFrame(frame: Uint8Array, maxBytes: number): Uint8Array | undefined
}
