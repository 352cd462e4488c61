import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { orThrow } from '@ottla/admin'
import type { Broker } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { type ConsumerChannels, DeserializationError, int64, json } from '@ottla/consumer'
import { Ottla } from 'ottla'
import { describe, expect, expectTypeOf, onTestFinished } from 'vitest'

interface Position {
  readonly lat: number
}

const place = { topic: 't', partition: 0 }
const position = json<Position>()

/** Topic `t` with positions 0 to 4 whose keys are their numbers; 2 is no JSON, 3 is a tombstone. */
const fill = async ({ bootstrapServers }: Broker) => {
  const kafka = new Ottla({ bootstrapServers })
  onTestFinished(() => kafka.close({ timeoutMs: 1000 }))
  orThrow(await kafka.admin().createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }]))
  const producer = kafka.producer({ keySerializer: int64 })
  for (let lat = 0; lat < 5; lat++) {
    const value = lat === 2 ? 'oops' : lat === 3 ? null : JSON.stringify({ lat })
    await producer.send({ ...place, key: BigInt(lat), value, headers: [['v', '1']] })
  }
  return kafka
}

const options = {
  groupId: 'g',
  topics: ['t'],
  autoOffsetReset: 'earliest',
  keyDeserializer: int64,
  valueDeserializer: position,
} as const

describe('a consumer with deserializers', () => {
  it('stops at what cannot be read, and goes on behind it', async ({ broker }) => {
    const kafka = await fill(broker)
    const consumer = kafka.consumer(options)
    const read: unknown[] = []
    for (;;) {
      try {
        for await (const record of consumer) {
          expectTypeOf(record.key).toEqualTypeOf<bigint | null>()
          expectTypeOf(record.value).toEqualTypeOf<Position | null>()
          read.push([record.key, record.value?.lat])
          if (record.offset < 4n) continue
          await consumer.commit(record)
          break
        }
        break
      } catch (error) {
        if (!(error instanceof DeserializationError)) throw error
        expect(error).toMatchObject({ ...place, offset: 2n, part: 'value' })
        expect(consumer.position(place)).toBe(2n)
        consumer.seek({ ...place, offset: error.nextOffset })
      }
    }
    expect(read).toEqual([
      [0n, 0],
      [1n, 1],
      [3n, undefined],
      [4n, 4],
    ])
    await broker.waitFor.committed('g', 't', 0, 5)
  })

  it('skips it, counts and tells', async ({ broker }) => {
    const kafka = await fill(broker)
    const consumer = kafka.consumer({ ...options, onDeserializationError: 'skip' })
    const told: ConsumerChannels['ottla:consumer:skipped'][] = []
    const listen = (message: unknown) =>
      void told.push(message as ConsumerChannels['ottla:consumer:skipped'])
    subscribe('ottla:consumer:skipped', listen)
    onTestFinished(() => void unsubscribe('ottla:consumer:skipped', listen))
    for await (const stream of consumer.partitions()) {
      const keys: unknown[] = []
      for await (const { key } of stream) if (keys.push(key) === 4) break
      expect(keys).toEqual([0n, 1n, 3n, 4n])
      break
    }
    expect(consumer.skippedRecords).toBe(1)
    expect(told).toMatchObject([{ ...place, groupId: 'g', offset: 2n, count: 1 }])
  })

  it('delivers it with its bytes', async ({ broker }) => {
    const kafka = await fill(broker)
    const consumer = kafka.consumer({ ...options, onDeserializationError: 'deliver' })
    const read: unknown[] = []
    for await (const batch of consumer.batches()) {
      for (const { key, value, error, valueBytes } of batch) {
        read.push(error === undefined ? value : [key, value, valueBytes?.toString()])
      }
      if (read.length === 5) break
    }
    expect(read).toEqual([{ lat: 0 }, { lat: 1 }, [2n, null, 'oops'], null, { lat: 4 }])
  })

  it('puts it away as it was written', async ({ broker }) => {
    const kafka = await fill(broker)
    const consumer = kafka.consumer(options)
    const read: unknown[] = []
    const dead = kafka.consumer({ autoOffsetReset: 'earliest' })
    await consumer.run({
      ordering: 'key',
      concurrency: 3,
      deadLetter: 't.dead',
      eachRecord: async ({ key, offset }) => {
        read.push(key)
        if (offset === 4n) void consumer.close()
      },
    })
    expect(read).toEqual([0n, 1n, 3n, 4n])
    dead.assign([{ topic: 't.dead', partition: 0 }])
    for await (const { key, value, headers } of dead) {
      expect([key?.readBigInt64BE(), value?.toString()]).toEqual([2n, 'oops'])
      const names = headers.map(([name]) => name)
      expect(names).toEqual(expect.arrayContaining(['v', '__ottla.errors.offset']))
      break
    }
  })

  it('gives deserializers the topic and the headers', async ({ broker }) => {
    const kafka = await fill(broker)
    const consumer = kafka.consumer({
      ...options,
      valueDeserializer: {
        deserialize: async (bytes, { topic, isKey, headers }) =>
          `${topic} ${isKey} ${headers.map((header) => header.join('=')).join()} ${bytes.length}`,
      },
    })
    for await (const { value } of consumer) {
      expectTypeOf(value).toEqualTypeOf<string | null>()
      expect(value).toBe('t false v=1 9')
      break
    }
  })

  it('refuses what is none', async ({ broker }) => {
    const kafka = await fill(broker)
    const wrong = { ...options, valueDeserializer: {} as typeof position }
    expect(() => kafka.consumer(wrong)).toThrow(/valueDeserializer.*deserialize/)
  })
})
