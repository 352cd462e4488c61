import { UnsupportedCompressionError } from '../errors.js'
import type { CompressionName } from './codec.js'

/** Loads a codec's package on first use: `load` requires it. Without its native binary only this codec fails. */
export const loadPackage = <T>(
  codec: CompressionName,
  packageName: string,
  load: () => unknown,
): T => {
  try {
    return load() as T
  } catch (cause) {
    throw new UnsupportedCompressionError(
      `${codec} compression needs the package ${packageName} with its native binary for ${process.platform}-${process.arch}, ` +
        'which is not installed: install with optional dependencies (npm install --include=optional), or use gzip',
      { cause },
    )
  }
}
