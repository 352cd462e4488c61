// Ottla as a client of the matrix: see ../README.md for the commands.
import { Admin } from '@ottla/admin'
import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { inputEnded, PARTITIONS, readFlags, records, security, tell } from './program.mjs'

const flags = readFlags()
const { command, bootstrap, topic, codec, idempotent, group, assignor } = flags
const connection = { bootstrapServers: bootstrap, ...security(flags) }
await { produce, member, admin }[command]()

async function produce() {
  const producer = new Producer({
    ...connection,
    compression: codec,
    ...(idempotent === 'true' ? {} : { enableIdempotence: false, acks: 1 }),
  })
  const sent = (await records()).map((record) => producer.send({ topic, ...record }))
  for (const { partition, offset } of await Promise.all(sent)) {
    tell({ partition, offset: Number(offset) })
  }
  await producer.close()
}

async function member() {
  const owned = new Set()
  const tellAssigned = () => tell({ assigned: [...owned].sort((a, b) => a - b), atMs: Date.now() })
  const remove = (partitions) => {
    for (const { partition } of partitions) owned.delete(partition)
    tellAssigned()
  }
  const consumer = new Consumer({
    ...connection,
    groupId: group,
    topics: [topic],
    ...(assignor === undefined ? {} : { partitionAssignors: [assignor] }),
    autoOffsetReset: 'earliest',
    sessionTimeoutMs: 6000,
    heartbeatIntervalMs: 200,
    onAssigned: (partitions) => {
      for (const { partition } of partitions) owned.add(partition)
      tellAssigned()
    },
    onRevoked: remove,
    onLost: remove,
  })
  void inputEnded().then(() => consumer.close())
  for await (const { partition, offset, key, value } of consumer) {
    tell({ partition, offset: Number(offset), key: key && String(key), value: String(value) })
  }
}

async function admin() {
  const client = new Admin(connection)
  await client.createTopics([{ name: topic, partitions: PARTITIONS }])
  const [described] = await client.describeTopics([topic])
  tell({ partitions: described.partitions.length })
  await client.deleteTopics([topic])
  await client.close()
}
