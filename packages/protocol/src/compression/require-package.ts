import { createRequire } from 'node:module'
import { UnsupportedCompressionError } from '../errors.js'
import type { CompressionName } from './codec.js'

const require = createRequire(import.meta.url)

/** Loads a codec's package synchronously, on first use; without its native binary only this codec fails. */
export const requirePackage = <T>(codec: CompressionName, packageName: string): T => {
  try {
    return require(packageName) as T
  } catch (cause) {
    throw new UnsupportedCompressionError(
      `${codec} compression needs the package ${packageName} with its native binary for ${process.platform}-${process.arch}, ` +
        'which is not installed: install with optional dependencies (npm install --include=optional), or use gzip',
      { cause },
    )
  }
}
