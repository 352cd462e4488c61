import { encodeRecordBatch } from '@ottla/protocol'
import { expect, it } from 'vitest'
import { RuleBroken } from '../rules/rule-broken.js'
import { decodeBatches } from './decode-batches.js'

it('decodes batches, and holds a wrong checksum against the broker', () => {
  const bytes = encodeRecordBatch({ records: [{ value: Buffer.from('a') }] })
  expect(decodeBatches(null)).toEqual([])
  expect(decodeBatches(bytes)).toHaveLength(1)
  const last = bytes.length - 1
  bytes[last] = (bytes[last] ?? 0) ^ 0xff
  expect(() => decodeBatches(bytes)).toThrow(RuleBroken)
})
