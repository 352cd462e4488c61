// What an application does wrong, or all at once: nobody else suffers for it, nothing waits for ever.
import { Admin, orThrow } from '@ottla/admin'
import type { Broker } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { Consumer } from '@ottla/consumer'
import { type DeliveryError, Producer, type ProducerOptions } from '@ottla/producer'
import type { RecordBytes, Serializer } from '@ottla/protocol'
import { describe, expect, onTestFinished, vi } from 'vitest'

const create = async (
  { bootstrapServers }: Broker,
  topics: Readonly<Record<string, number>>,
): Promise<void> => {
  const admin = new Admin({ bootstrapServers })
  const asked = Object.entries(topics).map(([name, partitions]) => ({ name, partitions }))
  orThrow(await admin.createTopics(asked))
  await admin.close()
}

const producerOf = <Value = RecordBytes>(
  { bootstrapServers }: Broker,
  options: Partial<ProducerOptions<RecordBytes, Value>> = {},
): Producer<RecordBytes, Value> => {
  const producer = new Producer<RecordBytes, Value>({ bootstrapServers, ...options })
  onTestFinished(() => producer.close({ timeoutMs: 0 }).catch(() => {}))
  return producer
}

const idle = { bufferedBytes: 0, batches: 0, requestsInFlight: 0 }

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Collects what was thrown for the process to see. */
const collectUncaught = (): unknown[] => {
  const thrown: unknown[] = []
  const real = queueMicrotask
  vi.stubGlobal('queueMicrotask', (run: () => void) =>
    real(() => {
      try {
        run()
      } catch (error) {
        thrown.push(error)
      }
    }),
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  return thrown
}

describe('batches of odd sizes', () => {
  it('may be smaller than their own header: each record gets one', async ({ broker }) => {
    await create(broker, { t: 1 })
    for (const batchSize of [0, 1, 60]) {
      const producer = producerOf(broker, { batchSize })
      await Promise.all([1, 2, 3].map((n) => producer.send({ topic: 't', value: `${n}` })))
      expect(producer.stats).toEqual(idle)
    }
    expect(broker.requests.list('Produce')).toHaveLength(9)
  })

  it('cost little memory where a thousand partitions have a record each', async ({ broker }) => {
    await create(broker, { t: 1000 })
    const producer = producerOf(broker, { lingerMs: 60_000 })
    await producer.connect()
    producer.enqueue({ topic: 't', partition: 0, value: 'known' })
    await producer.flush()
    const before = process.memoryUsage().arrayBuffers
    for (let partition = 0; partition < 1000; partition++) {
      producer.enqueue({ topic: 't', partition, value: 'v' })
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000)
  })
})

describe('acks=0', () => {
  it('holds back when the broker stops reading, and closes in time', async ({ broker }) => {
    await create(broker, { t: 1 })
    const producer = producerOf(broker, { acks: 0, bufferMemory: 4_000_000 })
    await producer.send({ topic: 't', value: 'known' })
    broker.faults.add({ api: 'Produce' }, { stop: 'reading' })
    const value = Buffer.alloc(100_000)
    const fill = async (): Promise<string> => {
      for (let sent = 0; sent < 1000; sent++) {
        if (producer.enqueue({ topic: 't', value })) continue
        const drained = producer.drained().then(() => 'drained')
        if ((await Promise.race([drained, pause(500)])) === undefined) return 'held back'
      }
      return 'took everything'
    }
    expect(await fill()).toBe('held back')
    const startMs = performance.now()
    const closing = producer.close({ timeoutMs: 200 })
    await expect(closing).rejects.toThrow(/enqueued record\(s\) were not delivered/)
    // Far below the time for which a socket may linger.
    expect(performance.now() - startMs).toBeLessThan(4000)
  })
})

describe('serializers', () => {
  const gated = () => {
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const serializer: Serializer<string> = {
      async serialize(value) {
        if (value === 'slow') await gate
        return value
      },
    }
    return { serializer, open }
  }

  it('that hang are waited for as long as a delivery may take', async ({ broker }) => {
    const { serializer } = gated()
    const producer = producerOf(broker, {
      requestTimeoutMs: 200,
      deliveryTimeoutMs: 300,
      valueSerializer: serializer,
    })
    const hung = producer.send({ topic: 't', value: 'slow' })
    const behind = producer.send({ topic: 't', value: 'fast' })
    behind.catch(() => {})
    await expect(hung).rejects.toMatchObject({ code: 'OTTLA_DELIVERY_TIMEOUT' })
    await expect(hung).rejects.toThrow(/its serializer/)
    await behind.catch(() => {})
    await producer.flush()
    expect(await producer.send({ topic: 't', value: 'fast' })).toMatchObject({ topic: 't' })
  })

  it('that hang keep no promise open when the producer closes', async ({ broker }) => {
    const { serializer, open } = gated()
    const producer = producerOf(broker, { valueSerializer: serializer })
    const sends = [
      producer.send({ topic: 't', value: 'slow' }),
      producer.send([{ topic: 't', value: 'fast' }]),
    ]
    const outcomes = Promise.allSettled(sends)
    await producer.close({ timeoutMs: 50 })
    for (const { status } of await outcomes) expect(status).toBe('rejected')
    open()
    await pause(20)
    expect(producer.stats).toEqual(idle)
  })

  it('that throw leave no promise of others behind', async ({ broker }) => {
    const failing: Serializer<string> = {
      serialize(value, { isKey }) {
        if (isKey || value === 'late') return Promise.reject(new Error('late'))
        throw new Error('at once')
      },
    }
    const producer = producerOf<string>(broker, {
      keySerializer: failing as never,
      valueSerializer: failing,
    })
    const record = { topic: 't', key: 'k', value: 'v' }
    await expect(producer.send(record)).rejects.toThrow('at once')
    const late = { topic: 't', value: 'late' }
    await expect(producer.send([late, { topic: 't', value: 'v' }])).rejects.toThrow('at once')
    // An unhandled rejection would fail the run.
    await pause(10)
  })
})

describe('a partitioner that throws', () => {
  const partitioner = ({ key }: { readonly key?: unknown }): number => {
    if (key === 'bad') throw new Error('no idea')
    return 0
  }

  it('fails its record and no other, also when it waited for memory', async ({ broker }) => {
    await create(broker, { t: 2 })
    const producer = producerOf(broker, { partitioner, bufferMemory: 3000 })
    await producer.send({ topic: 't', value: 'known' })
    const keys = ['a', 'b', 'c', 'd', 'e', 'bad', 'f', 'g']
    const value = 'x'.repeat(800)
    const sends = keys.map((key) => producer.send({ topic: 't', key, value }))
    const outcomes = await Promise.allSettled(sends)
    const failed = outcomes.map(({ status }, index) => (status === 'rejected' ? keys[index] : ''))
    expect(failed.filter((key) => key !== '')).toEqual(['bad'])
    expect(producer.stats).toEqual(idle)
  })

  it('fails one record of an array; what became of the others is told', async ({ broker }) => {
    await create(broker, { t: 2 })
    const producer = producerOf(broker, { partitioner })
    for (const _ of ['unknown topic', 'known topic']) {
      const records = ['a', 'bad', 'c'].map((key) => ({ topic: 't', key, value: 'v' }))
      const error: DeliveryError = await producer.send(records).catch((error) => error)
      expect(error).toMatchObject({ code: 'OTTLA_DELIVERY' })
      expect(error.results[0]).toMatchObject({ partition: 0 })
      expect(error.results[1]).toMatchObject({ message: expect.stringContaining('no idea') })
      expect(error.results[2]).toMatchObject({ partition: 0 })
    }
  })
})

describe('who is told', () => {
  it('must be a function', async ({ broker }) => {
    const producer = producerOf(broker)
    for (const wrong of [null, 'x', {}, []]) {
      expect(() => producer.enqueue({ topic: 't', value: 'v' }, wrong as never)).toThrow(
        /enqueue takes a function as its second argument/,
      )
    }
    expect(producer.stats).toEqual(idle)
  })

  it('may throw: the others are told all the same', async ({ broker }) => {
    await create(broker, { t: 2 })
    const thrown = collectUncaught()
    const producer = producerOf(broker, { retryBackoffMs: 10 })
    await producer.send({ topic: 't', value: 'known' })
    const listener = (): never => {
      throw new Error('listener')
    }
    producer.events.on('failed', listener)
    producer.events.on('retry', listener)
    const first = { api: 'Produce', topic: 't', partition: 0, times: 1 } as const
    for (const error of ['INVALID_RECORD', 'NOT_ENOUGH_REPLICAS'] as const) {
      broker.faults.add(first, { error })
      const sends = [0, 1].map((partition) => producer.send({ topic: 't', partition, value: 'v' }))
      const [one, other] = await Promise.allSettled(sends)
      expect(one?.status).toBe(error === 'INVALID_RECORD' ? 'rejected' : 'fulfilled')
      expect(other?.status).toBe('fulfilled')
    }
    expect(thrown).toHaveLength(2)
    expect(producer.stats).toEqual(idle)
  })
})

describe('flush and close', () => {
  it('send what can be sent while another topic is looked up', async ({ broker }) => {
    await create(broker, { good: 1 })
    const producer = producerOf(broker, { lingerMs: 60_000, requestTimeoutMs: 500 })
    producer.enqueue({ topic: 'good', value: 'known' })
    await producer.flush()
    broker.faults.add({ api: 'Metadata', topic: 'missing' }, { error: 'LEADER_NOT_AVAILABLE' })
    const missing = producer.send({ topic: 'missing', value: 'v' })
    const good = producer.send({ topic: 'good', value: 'v' })
    const outcomes = Promise.allSettled([missing, good])
    await producer.close({ timeoutMs: 300 })
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('wait for what came before, not for what goes on coming', async ({ broker }) => {
    broker.faults.add({ api: 'Metadata', topic: 'missing' }, { error: 'LEADER_NOT_AVAILABLE' })
    const producer = producerOf(broker, { requestTimeoutMs: 100, deliveryTimeoutMs: 300 })
    const more = (): void => void producer.enqueue({ topic: 'missing', value: 'v' })
    more()
    const coming = setInterval(more, 20)
    await expect(producer.flush()).rejects.toMatchObject({ code: 'OTTLA_DELIVERY' })
    clearInterval(coming)
  })
})

describe('the time that a delivery may take', () => {
  it('counts from the call for what waits for memory', async ({ broker }) => {
    await create(broker, { t: 1 })
    const producer = producerOf(broker, {
      requestTimeoutMs: 500,
      deliveryTimeoutMs: 1000,
      bufferMemory: 2000,
    })
    await producer.send({ topic: 't', value: 'known' })
    broker.faults.add({ api: 'Produce' }, { error: 'NOT_ENOUGH_REPLICAS' })
    const value = 'x'.repeat(550)
    const first = producer.send({ topic: 't', value })
    first.catch(() => {})
    await pause(500)
    const startMs = performance.now()
    await expect(producer.send({ topic: 't', value })).rejects.toMatchObject({
      code: 'OTTLA_DELIVERY_TIMEOUT',
    })
    // Let in after half of its time, it would have got a whole one more.
    expect(performance.now() - startMs).toBeLessThan(1450)
    await expect(first).rejects.toMatchObject({ code: 'OTTLA_DELIVERY_TIMEOUT' })
  })

  it('is not spent on retries while the broker holds the client back', async ({ broker }) => {
    await create(broker, { t: 1 })
    const producer = producerOf(broker, { requestTimeoutMs: 300, retries: 1 })
    await producer.send({ topic: 't', value: 'known' })
    const throttle = (response: object): void => {
      Object.assign(response, { throttleTimeMs: 1500 })
    }
    broker.faults.add({ api: 'Produce', times: 1 }, { patch: throttle })
    await producer.send({ topic: 't', value: 'throttled from here' })
    const before = broker.requests.list('Produce').length
    await producer.send({ topic: 't', value: 'v' })
    expect(broker.requests.list('Produce')).toHaveLength(before + 1)
  })
})

describe('a record that the broker refuses', () => {
  it('takes the others of its batch along, which are told that it is not their fault', async ({
    broker,
  }) => {
    await create(broker, { t: 1 })
    const producer = producerOf(broker)
    await producer.send({ topic: 't', value: 'known' })
    const timestamps = [undefined, Number.MAX_SAFE_INTEGER, undefined]
    const sends = timestamps.map((timestamp) =>
      producer.send({ topic: 't', value: 'v', timestamp }),
    )
    const outcomes = await Promise.allSettled(sends)
    const messages = outcomes.map((outcome) => String((outcome as PromiseRejectedResult).reason))
    expect(messages[0]).toMatch(/INVALID_TIMESTAMP.*nothing is wrong with this record/)
    expect(messages[1]).not.toMatch(/nothing is wrong with this record/)
    expect(messages[2]).toBe(messages[0])
  })
})

describe('a signal', () => {
  it('takes what waits for memory out of the line', async ({ broker }) => {
    await create(broker, { t: 1 })
    const producer = producerOf(broker, { bufferMemory: 10_000 })
    await producer.send({ topic: 't', value: 'known' })
    broker.faults.add({ api: 'Produce' }, { stop: 'answering' })
    producer.enqueue({ topic: 't', value: 'x'.repeat(1000) })
    const calling = new AbortController()
    const { signal } = calling
    const waiting = producer.send({ topic: 't', value: 'x'.repeat(9000) }, { signal })
    calling.abort(new Error('called off'))
    await expect(waiting).rejects.toThrow('called off')
    expect(producer.enqueue({ topic: 't', value: 'fits' })).toBe(true)
  })

  it('of many sends gets one listener', async ({ broker }) => {
    const producer = producerOf(broker)
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const records = Array.from({ length: 50 }, (_, n) => ({ topic: 't', value: `${n}` }))
    await Promise.all(records.map((record) => producer.send(record, { signal })))
    expect(add.mock.calls.length).toBeLessThanOrEqual(10)
  })
})

describe('headers', () => {
  it('come as whatever gives pairs when iterated', async ({ broker }) => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
    ]
    const once = pairs[Symbol.iterator]()
    const producer = producerOf(broker)
    for (const headers of [new Map(pairs), new Headers(pairs), once, pairs]) {
      await producer.send({ topic: 't', value: 'v', headers })
    }
    const { bootstrapServers } = broker
    const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' })
    onTestFinished(() => consumer.close())
    consumer.assign([{ topic: 't', partition: 0, offset: 0n }])
    let read = 0
    for await (const { headers } of consumer) {
      expect([...headers].map(([name, value]) => [name, String(value)])).toEqual(pairs)
      if (++read === 4) break
    }
  })

  it('that are no pairs are refused', async ({ broker }) => {
    const producer = producerOf(broker)
    const headers = [['a', 'b', 'c']] as never
    await expect(producer.send({ topic: 't', value: 'v', headers })).rejects.toThrow(
      /headers must be \[name, value\] pairs/,
    )
  })
})
