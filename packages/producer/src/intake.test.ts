import { describe, expect, it, onTestFinished } from 'vitest'
import { int32, json, Producer, type ProducerRecord, type Serializer, utf8 } from './index.js'

/** Nothing listens there: what is looked at happens before any connection. */
const bootstrapServers = '127.0.0.1:1'

const closing = (producer: { close(options: { timeoutMs: number }): Promise<void> }): void => {
  onTestFinished(() => producer.close({ timeoutMs: 0 }).catch(() => {}))
}

describe('what a producer takes', () => {
  it('is a record without unknown fields; what was meant is told', async () => {
    const producer = new Producer({ bootstrapServers })
    closing(producer)
    const refusal = (record: object) => producer.send(record as ProducerRecord)
    await expect(refusal({ topic: 't', messages: [{ value: 'v' }] })).rejects.toThrow(
      /no field messages .* give the records themselves: send\(\[/,
    )
    await expect(refusal({ topic: 't', value: 'v', acks: 1 })).rejects.toThrow(/option of the prod/)
    await expect(refusal({ topic: 't', value: 'v', Key: 'k' })).rejects.toThrow(/is called key/)
    await expect(refusal({ topic: 't', value: 'v', colour: 1 })).rejects.toThrow(
      /no field colour \(only topic, key, value, partition, headers, timestamp\)/,
    )
    expect(() =>
      producer.enqueue({ topic: 't', value: 'v', message: 1 } as ProducerRecord),
    ).toThrow(/payload is called value/)
  })

  it('goes through serializers, whose errors say where', async () => {
    const producer = new Producer({
      bootstrapServers,
      keySerializer: int32,
      valueSerializer: json<{ speed: number }>(),
    })
    closing(producer)
    const value = { speed: 3 }
    await expect(producer.send({ topic: 't', key: 2 ** 40, value })).rejects.toMatchObject({
      code: 'OTTLA_SERDE',
      topic: 't',
    })
    expect(() => producer.enqueue({ topic: 't', key: 1.5, value })).toThrow(/the key of a record/)
    expect(producer.enqueue({ topic: 't', key: 1, value })).toBe(true)
    expect(producer.enqueue({ topic: 't', value: null })).toBe(true)
    // @ts-expect-error a value is what its serializer takes
    await expect(producer.send({ topic: 't', key: 1 })).rejects.toThrow(/it has no value/)
  })

  it('refuses serializers that are none', () => {
    const create = () => new Producer({ bootstrapServers, keySerializer: {} as Serializer<string> })
    expect(create).toThrow(/keySerializer must be an object with a function serialize/)
  })

  it('takes asynchronous serializers with send only', async () => {
    const valueSerializer = { serialize: async (data: string) => data }
    const producer = new Producer({ bootstrapServers, valueSerializer })
    closing(producer)
    expect(() => producer.enqueue({ topic: 't', value: 'v' })).toThrow(/use send/)
  })

  it('gives the application nothing to do when a stream is closed with the producer', async () => {
    const producer = new Producer({ bootstrapServers, valueSerializer: utf8 })
    const stream = producer.writable({ topic: 't' })
    const failed = new Promise((resolve) => stream.once('error', resolve))
    stream.write('a line')
    await producer.close({ timeoutMs: 0 })
    expect(await failed).toMatchObject({ code: 'OTTLA_CLOSED' })
  })
})
