// Kafka's console tools as a client of the matrix: see ../README.md for the commands.
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { inputEnded, PARTITIONS, readFlags, tell } from '../node/program.mjs'
import { ended, properties, start } from './java-tool.mjs'

const flags = readFlags()
const { command, topic, codec, idempotent, group } = flags
await { produce, member, admin }[command]()

async function produce() {
  const settings = { 'enable.idempotence': idempotent, acks: idempotent === 'true' ? 'all' : '1' }
  const reader = ['parse.key=true', 'key.separator=\t'].flatMap((one) => ['--reader-property', one])
  const how = ['--compression-codec', codec, '--command-config', properties(flags, settings)]
  const child = start(flags, 'ConsoleProducer', ['--topic', topic, ...how, ...reader])
  child.stdout.resume()
  process.stdin.pipe(child.stdin)
  await ended(child)
}

async function member() {
  const shown = ['print.partition=true', 'print.offset=true', 'print.key=true']
  const format = shown.flatMap((one) => ['--formatter-property', one])
  const how = ['--group', group, '--from-beginning', '--command-config', properties(flags)]
  const child = start(flags, 'consumer.ConsoleConsumer', ['--topic', topic, ...how, ...format])
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, partition, offset, key, value] =
      /^Partition:(\d+)\tOffset:(\d+)\t(.*?)\t(.*)$/.exec(line) ?? []
    if (value !== undefined) tell({ partition: +partition, offset: +offset, key, value })
  })
  await inputEnded()
  child.kill('SIGINT')
  await ended(child).catch(() => {})
}

async function admin() {
  const topics = async (...args) => {
    const child = start(flags, 'TopicCommand', ['--topic', topic, ...args])
    const [said] = await Promise.all([text(child.stdout), ended(child)])
    return said
  }
  await topics('--create', '--partitions', String(PARTITIONS))
  const described = await topics('--describe')
  tell({ partitions: described.match(/Partition: \d/g).length })
  await topics('--delete')
}
