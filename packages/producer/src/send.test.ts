import { TimeoutError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { RecordMetadata } from './record.js'
import { DeliveryError, ManySends } from './send.js'

describe('sends of many records', () => {
  const records = [
    { topic: 'a', value: '1' },
    { topic: 'b', value: '2' },
  ]
  const metadata = new RecordMetadata('a', 0, 7n, 1)

  it('resolve in the order of the records', async () => {
    const results = await new Promise((resolve, reject) => {
      const many = new ManySends(records, resolve, reject)
      many.delivered(new RecordMetadata('b', 1, 3n, 1), 1)
      many.delivered(metadata, 0)
    })
    expect(results).toMatchObject([
      { topic: 'a', offset: 7n },
      { topic: 'b', offset: 3n },
    ])
    expect(JSON.stringify(metadata)).toBe('{"topic":"a","partition":0,"offset":"7","timestamp":1}')
  })

  it('reject when all are settled, with what became of each', async () => {
    const late = new TimeoutError('late', { topic: 'b' })
    const failed = new Promise((resolve, reject) => {
      const many = new ManySends(records, resolve, reject)
      many.failed(late, 1)
      many.delivered(metadata, 0)
    })
    await expect(failed).rejects.toBeInstanceOf(DeliveryError)
    await expect(failed).rejects.toMatchObject({
      code: 'OTTLA_DELIVERY',
      message: '1 of 2 records for a, b were not delivered: late',
      errors: [late],
      results: [metadata, late],
      retriable: true,
    })
  })

  it('resolve at once for no records', async () => {
    expect(await new Promise((resolve, reject) => new ManySends([], resolve, reject))).toEqual([])
  })
})
