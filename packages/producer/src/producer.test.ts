import { describe, expect, it } from 'vitest'
import { Producer } from './producer.js'
import type { ProducerRecord } from './record.js'

/** Nobody listens on port 1: these tests never get far enough to need anybody. */
const create = (options = {}) => new Producer({ bootstrapServers: '127.0.0.1:1', ...options })

describe('a producer without a broker', () => {
  it('closes at once, as often as asked, and takes nothing afterwards', async () => {
    const producer = create()
    await producer.close()
    await producer.close()
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toMatchObject({
      code: 'OTTLA_CLOSED',
    })
    expect(() => producer.enqueue({ topic: 't', value: 'v' })).toThrow(/closed/)
    await expect(producer.connect()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
  })

  it.each<[string, unknown, RegExp]>([
    ['no object', 'hello', /must be an object/],
    ['no topic', { value: 'v' }, /topic must be a non-empty string/],
    ['no value', { topic: 't' }, /value must be a string, a Uint8Array or null/],
    ['a number as key', { topic: 't', key: 1, value: 'v' }, /key must be/],
    ['a negative partition', { topic: 't', value: 'v', partition: -1 }, /partition must be/],
    ['a partition in quotes', { topic: 't', value: 'v', partition: '0' }, /from 0 on, not '0'/],
    ['a time in quotes', { topic: 't', value: 'v', timestamp: '0' }, /since 1970, not '0'/],
    ['no headers', { topic: 't', value: 'v', headers: null }, /headers must be \[name, value\]/],
    ['a fraction of a millisecond', { topic: 't', value: 'v', timestamp: 1.5 }, /timestamp must/],
    ['a header that is a number', { topic: 't', value: 'v', headers: { n: 1 } }, /headers must be/],
    [
      'more than a request holds',
      { topic: 't', value: 'x'.repeat(2e6) },
      /maxRequestSize is 1048576/,
    ],
  ])('refuses %s before anything is kept', async (_what, record, message) => {
    const producer = create()
    const bad = record as ProducerRecord
    await expect(producer.send(bad)).rejects.toThrow(message)
    await expect(producer.send([{ topic: 't', value: 'v' }, bad])).rejects.toThrow(message)
    expect(() => producer.enqueue(bad)).toThrow(message)
    expect(producer.stats).toEqual({ bufferedBytes: 0, batches: 0, requestsInFlight: 0 })
    await producer.close()
  })

  it('refuses an array with a gap before anything is kept', async () => {
    const producer = create()
    const records = [{ topic: 't', value: 'v' }]
    records[2] = { topic: 't', value: 'v' }
    await expect(producer.send(records)).rejects.toThrow(/must be an object/)
    expect(producer.stats.batches).toBe(0)
    await producer.close()
  })

  it('measures a record by its bytes when its characters are too many to guess', async () => {
    const producer = create({ maxRequestSize: 1000 })
    expect(() => producer.enqueue({ topic: 't', value: 'x'.repeat(800) })).not.toThrow()
    expect(() => producer.enqueue({ topic: 't', value: 'ž'.repeat(800) })).toThrow(
      /of 16\d\d bytes/,
    )
    await producer.close({ timeoutMs: 0 }).catch(() => {})
  })

  it('answers false when a quarter of the memory is in use and refuses when all is', async () => {
    const producer = create({ bufferMemory: 20_000 })
    const record = { topic: 't', value: 'x'.repeat(1000) }
    const answers: boolean[] = []
    const told: string[] = []
    expect(() => {
      for (;;) answers.push(producer.enqueue(record, (error) => told.push(error?.code ?? 'fine')))
    }).toThrow(expect.objectContaining({ code: 'OTTLA_BUFFER_FULL' }))
    expect(answers[0]).toBe(true)
    expect(answers.at(-1)).toBe(false)
    await expect(producer.close({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'OTTLA_DELIVERY' })
    expect(told).toEqual(answers.map(() => 'OTTLA_CLOSED'))
  })

  it('stops waiting when the signal aborts', async () => {
    const producer = create()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(producer.send({ topic: 't', value: 'v' }, { signal })).rejects.toThrow('enough')
    const controller = new AbortController()
    const sent = producer.send({ topic: 't', value: 'v' }, { signal: controller.signal })
    controller.abort(new Error('too slow'))
    await expect(sent).rejects.toThrow('too slow')
    await producer.close({ timeoutMs: 0 })
  })

  it('gives up after the delivery timeout and says why', async () => {
    const producer = create({ deliveryTimeoutMs: 300, requestTimeoutMs: 200 })
    const events: string[] = []
    producer.events.on('failed', ({ topic, records }) => events.push(`${topic} ${records}`))
    const sent = producer.send({ topic: 't', value: 'v' })
    await expect(sent).rejects.toMatchObject({ code: 'OTTLA_DELIVERY_TIMEOUT', topic: 't' })
    await expect(sent).rejects.toThrow(/within deliveryTimeoutMs \(300 ms\)/)
    producer.enqueue({ topic: 't', value: 'v' })
    await expect(producer.flush()).rejects.toMatchObject({ code: 'OTTLA_DELIVERY' })
    await producer.flush()
    await producer.close()
    expect(events).toEqual(['t 1', 't 1'])
  })
})
