import { startBroker } from '@ottla/broker'
import { BrokerError, json, Ottla, orThrow, Producer, type RecordMetadata } from 'ottla'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deferred } from './src/consumer-kit.js'

const start = async () => {
  const broker = await startBroker()
  const kafka = new Ottla({ bootstrapServers: broker.bootstrapServers, clientId: 'shared' })
  onTestFinished(async () => {
    await kafka.close().catch(() => {})
    await broker.close()
  })
  return { broker, kafka }
}

describe('Ottla', () => {
  it('makes clients that work together on shared connections', async () => {
    const { kafka, broker } = await start()
    const clientIds = new Set<string | null>()
    onTestFinished(broker.events.on('request', ({ clientId }) => clientIds.add(clientId)))
    const admin = kafka.admin()
    orThrow(await admin.createTopics([{ name: 't', partitions: 2, replicationFactor: 1 }]))
    const producer = kafka.producer({ acks: 'all' })
    expect(producer).toBeInstanceOf(Producer)
    await producer.send({ topic: 't', key: 'k', value: 'v' })
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'earliest' })
    for await (const record of consumer) {
      expect(String(record.value)).toBe('v')
      break
    }
    expect([...clientIds]).toEqual(['shared'])
  })

  it('leaves the connections open when one client closes, and closes all with itself', async () => {
    const { kafka } = await start()
    const first = kafka.producer()
    const second = kafka.producer()
    await first.send({ topic: 't', value: '1' })
    await first.close()
    await second.send({ topic: 't', value: '2' })
    second.enqueue({ topic: 't', value: '3' })
    const admin = kafka.admin()
    await kafka.close()
    await kafka.close()
    await expect(second.send({ topic: 't', value: '4' })).rejects.toMatchObject({
      code: 'OTTLA_CLOSED',
    })
    await expect(admin.listTopics()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
  })

  it('ends the connections that only a closed consumer used', async () => {
    const { kafka, broker } = await start()
    const producer = kafka.producer()
    for (const value of ['1', '2', '3']) {
      await producer.send({ topic: 't', value })
      const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'earliest' })
      for await (const record of consumer) {
        expect(String(record.value)).toBe(value)
        await consumer.commit(record)
        break
      }
      await consumer.close()
      // The producer's, and the one for everything else.
      await broker.waitFor.connections(2)
    }
  })

  it('closes consumers first: the records at hand are finished, with what is sent for them', async () => {
    const { kafka } = await start()
    const producer = kafka.producer()
    await producer.send({ topic: 't', value: 'v' })
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'earliest' })
    const [atHand, goOn] = [deferred(), deferred()]
    const sent: Promise<RecordMetadata>[] = []
    const run = consumer.run({
      eachRecord: async () => {
        atHand.resolve()
        await goOn.promise
        const one = producer.send({ topic: 't.next', value: 'v' })
        sent.push(one)
        await one
      },
    })
    await atHand.promise
    const closed = kafka.close({ timeoutMs: 20_000 })
    expect(() => kafka.producer()).toThrow(/this Ottla is closed/)
    goOn.resolve()
    await closed
    await run
    expect(await Promise.all(sent)).toMatchObject([{ topic: 't.next', offset: 0n }])
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toMatchObject({
      code: 'OTTLA_CLOSED',
    })
  })

  it('has a dead letter written while it closes, though it is the first', async () => {
    const { kafka, broker } = await start()
    await kafka.producer().send({ topic: 't', value: 'v' })
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'earliest' })
    const [atHand, goOn] = [deferred(), deferred()]
    const run = consumer.run({
      deadLetter: 't.dead',
      eachRecord: async () => {
        atHand.resolve()
        await goOn.promise
        throw new Error('cannot take it')
      },
    })
    await atHand.promise
    const closed = kafka.close()
    goOn.resolve()
    await closed
    await run
    const { bootstrapServers } = broker
    const next = new Ottla({ bootstrapServers })
    onTestFinished(() => next.close())
    const dead = next.consumer({ groupId: 'd', topics: ['t.dead'], autoOffsetReset: 'earliest' })
    for await (const { value } of dead) {
      expect(String(value)).toBe('v')
      break
    }
  })

  it('says which options belong to it', () => {
    const kafka = new Ottla({ bootstrapServers: 'localhost:9092' })
    expect(() => kafka.producer({ clientId: 'other' } as never)).toThrow(/clientId is shared/)
    expect(() => kafka.producer({ lingerMs: -1 })).toThrow(/lingerMs/)
    expect(() => new Ottla({ bootstrapServers: 'localhost:9092', groupId: 'g' } as never)).toThrow(
      /no option groupId/,
    )
    const refusal = (option: object) => () =>
      new Ottla({ bootstrapServers: 'localhost:9092', ...option } as never)
    expect(refusal({ lingerMs: 5 })).toThrow(/no option lingerMs: give it to kafka\.producer\(…\),/)
    expect(refusal({ groupId: 'g' })).toThrow(/give it to kafka\.consumer\(…\),/)
    expect(refusal({ transactionalId: 'x' })).toThrow(/transactionalId: it is not supported yet/)
    expect(() => kafka.consumer({ groupProtocol: 'consumer' } as never)).toThrow(
      /not supported yet/,
    )
    expect(BrokerError.name).toBe('BrokerError')
  })
})

describe('a producer of an Ottla', () => {
  it('takes the types of its serializers', async () => {
    const { kafka } = await start()
    const producer = kafka.producer({ valueSerializer: json<{ speed: number }>() })
    const { offset } = await producer.send({ topic: 'typed', key: 'k', value: { speed: 3 } })
    expect(offset).toBe(0n)
    // @ts-expect-error a value is what its serializer takes
    await producer.send({ topic: 'typed', value: 'fast' })
  })
})
