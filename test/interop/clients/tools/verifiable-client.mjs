// Kafka's verifiable clients as a client of the matrix: see ../README.md for the commands. The producer makes its own
// records, as many as the input has.
import { createInterface } from 'node:readline'
import { inputEnded, readFlags, records, tell } from '../node/program.mjs'
import { ended, properties, start } from './java-tool.mjs'

const flags = readFlags()
const { command, topic, idempotent, group } = flags
await { produce, member }[command]()

function eventsOf(child, hear) {
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) hear(JSON.parse(line))
  })
}

async function produce() {
  const count = String((await records()).length)
  const settings = properties(flags, { 'enable.idempotence': idempotent, retries: 5 })
  const how = ['--acks', '-1', '--repeating-keys', '20', '--command-config', settings]
  const child = start(flags, 'VerifiableProducer', [
    ...['--topic', topic, '--max-messages', count],
    ...how,
  ])
  eventsOf(child, ({ name, partition, offset }) => {
    if (name === 'producer_send_success') tell({ partition, offset })
  })
  await ended(child)
}

async function member() {
  const how = ['--reset-policy', 'earliest', '--session-timeout', '6000', '--verbose']
  const child = start(flags, 'VerifiableConsumer', ['--topic', topic, '--group-id', group, ...how])
  const owned = new Set()
  const change = (partitions, what) => {
    for (const { partition } of partitions) owned[what](partition)
    tell({ assigned: [...owned].sort((a, b) => a - b) })
  }
  eventsOf(child, ({ name, partitions, partition, offset, key, value }) => {
    if (name === 'partitions_assigned') change(partitions, 'add')
    if (name === 'partitions_revoked') change(partitions, 'delete')
    if (name === 'record_data') tell({ partition, offset, key, value })
  })
  await inputEnded()
  child.kill('SIGTERM')
  await ended(child).catch(() => {})
}
