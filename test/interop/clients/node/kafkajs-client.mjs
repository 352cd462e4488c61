// kafkajs as a client of the matrix: see ../README.md for the commands.
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { inputEnded, PARTITIONS, readFlags, records, security, tell } from './program.mjs'

const flags = readFlags()
const { command, bootstrap, topic, codec, idempotent, group } = flags
const { tls, sasl } = security(flags)
const kafka = new Kafka({
  brokers: [bootstrap],
  logLevel: logLevel.ERROR,
  ssl: tls,
  sasl: sasl && { ...sasl, mechanism: sasl.mechanism.toLowerCase() },
})
await { produce, member, admin }[command]()

async function produce() {
  const producer = kafka.producer({ idempotent: idempotent === 'true' })
  await producer.connect()
  const messages = await records()
  const compression = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP }[codec]
  for (let from = 0; from < messages.length; from += 100) {
    const results = await producer.send({
      topic,
      compression,
      acks: -1,
      messages: messages.slice(from, from + 100),
    })
    for (const { partition, baseOffset } of results) tell({ partition, offset: Number(baseOffset) })
  }
  await producer.disconnect()
}

async function member() {
  const consumer = kafka.consumer({
    groupId: group,
    heartbeatInterval: 500,
    sessionTimeout: 6000,
    rebalanceTimeout: 6000,
    maxWaitTimeInMs: 200,
  })
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    tell({ assigned: payload.memberAssignment[topic] ?? [] }),
  )
  consumer.on(consumer.events.REBALANCING, () => tell({ assigned: [] }))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 100,
    eachMessage: async ({ partition, message }) =>
      tell({
        partition,
        offset: Number(message.offset),
        key: message.key.toString(),
        value: message.value.toString(),
      }),
  })
  await inputEnded()
  await consumer.disconnect()
}

async function admin() {
  const client = kafka.admin()
  await client.connect()
  await client.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] })
  const { topics } = await client.fetchTopicMetadata({ topics: [topic] })
  tell({ partitions: topics[0].partitions.length })
  await client.deleteTopics({ topics: [topic] })
  await client.disconnect()
}
