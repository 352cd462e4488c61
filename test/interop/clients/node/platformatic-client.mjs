// @platformatic/kafka as a client of the matrix: see ../README.md for the commands.
import {
  Admin,
  Consumer,
  compatibilityPartitioner,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { inputEnded, PARTITIONS, readFlags, records, security, tell } from './program.mjs'

const flags = readFlags()
const { command, bootstrap, topic, codec, idempotent, group } = flags
const connection = { clientId: 'matrix', bootstrapBrokers: [bootstrap], ...security(flags) }
await { produce, member, admin }[command]()

async function produce() {
  const producer = new Producer({
    ...connection,
    serializers: stringSerializers,
    compression: codec,
    idempotent: idempotent === 'true',
    // Its default puts keys elsewhere than Java does.
    partitioner: compatibilityPartitioner,
  })
  const messages = (await records()).map((record) => ({ topic, ...record }))
  for (let from = 0; from < messages.length; from += 100) {
    const { offsets } = await producer.send({ messages: messages.slice(from, from + 100) })
    for (const { partition, offset } of offsets) tell({ partition, offset: Number(offset) })
  }
  await producer.close()
}

async function member() {
  const consumer = new Consumer({
    ...connection,
    groupId: group,
    deserializers: stringDeserializers,
    heartbeatInterval: 500,
    sessionTimeout: 6000,
    rebalanceTimeout: 6000,
  })
  const assigned = () => {
    const own = consumer.assignments?.find((each) => each.topic === topic)
    tell({ assigned: own?.partitions ?? [] })
  }
  consumer.on('consumer:group:join', assigned)
  consumer.on('consumer:group:rebalance', assigned)
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
    maxWaitTime: 200,
  })
  const stopped = inputEnded().then(() => stream.close())
  for await (const message of stream) {
    const { partition, offset, key, value } = message
    tell({ partition, offset: Number(offset), key, value })
    await message.commit()
  }
  await stopped
  await consumer.close()
}

async function admin() {
  const client = new Admin({ clientId: 'matrix', bootstrapBrokers: [bootstrap] })
  await client.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 })
  const { topics } = await client.metadata({ topics: [topic] })
  tell({ partitions: topics.get(topic).partitionsCount })
  await client.deleteTopics({ topics: [topic] })
  await client.close()
}
