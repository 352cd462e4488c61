import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, field, string, struct } from '../schema/index.js'
import { structOf } from './schema-values.js'

/** From here on a compact length, which is one more than the length, takes two bytes. */
const twoBytesFrom = 127

test('makes strings and bytes on both sides of where a compact length takes two bytes', () => {
  const { shape } = struct({ text: field('0+', string), data: field('0+', bytes) })
  const values = structOf(shape, { version: 0, flexible: true })
  const samples = fc.sample(values, { numRuns: 500, seed: 1 })
  for (const name of ['text', 'data']) {
    const lengths = samples.map((value) => Reflect.get(value, name).length as number)
    expect(lengths.some((length) => length < twoBytesFrom)).toBe(true)
    expect(lengths.some((length) => length >= twoBytesFrom)).toBe(true)
  }
})
