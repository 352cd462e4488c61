import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { startBroker } from '@ottla/broker'
import { Producer } from '@ottla/producer'
import { expect, it, onTestFinished } from 'vitest'
import { startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

it('a Node stream writes records, in order, within bufferMemory', async () => {
  const kit = await startKit()
  await kit.createTopic('logs')
  const { bootstrapServers } = kit.broker
  const producer = new Producer({ bootstrapServers, bufferMemory: 4096, batchSize: 1024 })
  onTestFinished(() => producer.close())
  await pipeline(
    Readable.from(upTo(2000).map((number) => `${number}`)),
    producer.writable({ topic: 'logs', key: 'k' }),
  )
  expect(producer.stats.bufferedBytes).toBe(0)
  const read = await take(kit.consumer({ groupId: 'g', topics: ['logs'] }), 2000)
  expect(valuesOf(read)).toEqual(upTo(2000))
  expect(String(read[0]?.key)).toBe('k')
})

it('a web stream writes records, whose fields win over those of the stream', async () => {
  const kit = await startKit()
  await kit.createTopic('logs')
  await kit.createTopic('other')
  const producer = new Producer({ bootstrapServers: kit.broker.bootstrapServers })
  onTestFinished(() => producer.close())
  const chunks = ['0', { value: '0', topic: 'other' }, Buffer.from('1')]
  await Readable.toWeb(Readable.from(chunks)).pipeTo(producer.webWritable({ topic: 'logs' }))
  const read = await take(kit.consumer({ groupId: 'g', topics: ['logs', 'other'] }), 3)
  const places = read.map((record) => `${record.topic}:${record.value}`).sort()
  expect(places).toEqual(['logs:0', 'logs:1', 'other:0'])
})

it('a stream fails with the first record that is not delivered', async () => {
  const broker = await startBroker({ configs: { 'auto.create.topics.enable': 'false' } })
  const { bootstrapServers } = broker
  const options = { requestTimeoutMs: 100, deliveryTimeoutMs: 200 }
  const producer = new Producer({ bootstrapServers, ...options })
  onTestFinished(async () => {
    await producer.close()
    await broker.close()
  })
  const lines = () => Readable.from(['one', 'two'])
  const error = { topic: 'missing' }
  const node = pipeline(lines(), producer.writable(error))
  await expect(node).rejects.toMatchObject(error)
  const web = Readable.toWeb(lines()).pipeTo(producer.webWritable(error))
  await expect(web).rejects.toMatchObject(error)
  const bad = pipeline(lines(), producer.writable({}))
  await expect(bad).rejects.toThrow(/topic must be a non-empty string/)
})

it('asynchronous serializers keep the order of the calls', async () => {
  const kit = await startKit()
  await kit.createTopic('ordered')
  const turns: (() => void)[] = []
  const producer = new Producer({
    bootstrapServers: kit.broker.bootstrapServers,
    valueSerializer: {
      // Done in the reverse order of the calls.
      serialize: (data: number) =>
        new Promise<string>((resolve) => {
          turns.push(() => resolve(String(data)))
          if (turns.length === 10) for (const turn of turns.splice(0).reverse()) turn()
        }),
    },
  })
  onTestFinished(() => producer.close())
  const sent = upTo(10).map((value) => producer.send({ topic: 'ordered', partition: 0, value }))
  await producer.flush()
  const metadata = await Promise.all(sent)
  expect(metadata.map(({ offset }) => Number(offset))).toEqual(upTo(10))
  const read = await take(kit.consumer({ groupId: 'g', topics: ['ordered'] }), 10)
  expect(valuesOf(read)).toEqual(upTo(10))
})
