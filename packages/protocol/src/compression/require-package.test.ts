import { expect, it } from 'vitest'
import { UnsupportedCompressionError } from '../errors.js'
import { requirePackage } from './require-package.js'

it('names the codec and the package that is missing, and what to do', () => {
  try {
    requirePackage('lz4', 'lz4-that-is-not-installed')
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(UnsupportedCompressionError)
    expect(error).toMatchObject({ code: 'OTTLA_UNSUPPORTED_COMPRESSION', retriable: false })
    expect((error as Error).message).toMatch(
      /^lz4 .* lz4-that-is-not-installed .*--include=optional/,
    )
  }
})
