// @platformatic/kafka as a client of the matrix: see ../README.md for the commands.
import { text } from 'node:stream/consumers'
import {
  Consumer,
  compatibilityPartitioner,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { readFlags, tell } from './program.mjs'

const { command, bootstrap, topic, codec, idempotent, group } = readFlags()
await (command === 'produce' ? produce() : member())

async function produce() {
  const producer = new Producer({
    clientId: 'matrix',
    bootstrapBrokers: [bootstrap],
    serializers: stringSerializers,
    compression: codec,
    idempotent: idempotent === 'true',
    // Its default puts keys elsewhere than Java does.
    partitioner: compatibilityPartitioner,
  })
  const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '')
  const messages = lines.map((line) => {
    const [key, value] = line.split('\t')
    return { topic, key, value }
  })
  for (let from = 0; from < messages.length; from += 100) {
    const { offsets } = await producer.send({ messages: messages.slice(from, from + 100) })
    for (const { partition, offset } of offsets) tell({ partition, offset: Number(offset) })
  }
  await producer.close()
}

async function member() {
  const consumer = new Consumer({
    clientId: 'matrix',
    groupId: group,
    bootstrapBrokers: [bootstrap],
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
  const stopped = text(process.stdin).then(() => stream.close())
  for await (const message of stream) {
    const { partition, offset, key, value } = message
    tell({ partition, offset: Number(offset), key, value })
    await message.commit()
  }
  await stopped
  await consumer.close()
}
