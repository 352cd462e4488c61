import { expect, it } from 'vitest'
import { UnsupportedCompressionError } from '../errors.js'
import { loadPackage } from './load-package.js'

it('names the codec and the package that is missing, and what to do', () => {
  try {
    loadPackage('lz4', 'lz4-napi', () => {
      throw new Error('Cannot find native binding')
    })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(UnsupportedCompressionError)
    expect(error).toMatchObject({ code: 'OTTLA_UNSUPPORTED_COMPRESSION', retriable: false })
    expect((error as Error).message).toMatch(/^lz4 .* lz4-napi .*--include=optional/)
  }
})
