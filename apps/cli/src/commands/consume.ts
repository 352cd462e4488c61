import type { Consumer } from '@ottla/consumer'
import { Command, Option } from 'commander'
import { bootstrapOption, connectTimeoutMs, stopSignal, wholeNumber } from './options.js'

interface ConsumeFlags {
  bootstrapServer: string
  group?: string
  fromBeginning: boolean
  maxRecords?: number
  idleTimeoutMs?: number
  format: 'value' | 'key-value' | 'json'
}

interface ConsumedRecord {
  topic: string
  partition: number
  offset: bigint
  timestamp: number
  key: Uint8Array | null
  value: Uint8Array | null
  headers: Iterable<readonly [string, Uint8Array | null]>
}

/** `ottla consume TOPIC`: prints records until a limit, a signal, or silence. */
export function consumeCommand(): Command {
  return new Command('consume')
    .argument('<topic>')
    .description('print the records of a topic as they come')
    .addOption(bootstrapOption())
    .option('-g, --group <id>', 'join this group and commit; without it, read without a group')
    .option('--from-beginning', 'start at the oldest record where nothing is committed', false)
    .option('-n, --max-records <count>', 'end after so many', wholeNumber(1))
    .option('--idle-timeout-ms <ms>', 'end when nothing came for so long', wholeNumber(1))
    .addOption(
      new Option('-f, --format <format>', 'how a record is printed')
        .choices(['value', 'key-value', 'json'])
        .default('value'),
    )
    .addHelpText(
      'after',
      `
Examples:
  ottla consume greetings --from-beginning
  ottla consume trucks_gps --group dispatch --format json
  ottla consume logs --from-beginning --max-records 10`,
    )
    .action(consume)
}

async function consume(topic: string, flags: ConsumeFlags): Promise<void> {
  const stop = stopSignal()
  const { Consumer } = await import('@ottla/consumer')
  const consumer = new Consumer({
    bootstrapServers: flags.bootstrapServer,
    clientId: 'ottla-cli',
    // A mistyped name must not become a topic.
    allowAutoCreateTopics: false,
    autoOffsetReset: flags.fromBeginning ? 'earliest' : 'latest',
    ...(flags.group === undefined ? {} : { groupId: flags.group }),
    ...(flags.group === undefined ? {} : { topics: [topic] }),
  })
  const close = () => void consumer.close()
  stop.addEventListener('abort', close, { once: true })
  const idle = idleTimer(flags.idleTimeoutMs, close)
  let count = 0
  try {
    await consumer.connect({ timeoutMs: connectTimeoutMs, signal: stop })
    if (flags.group === undefined) await assignAll(consumer, topic)
    for await (const record of consumer) {
      idle.restart()
      process.stdout.write(`${formatRecord(record, flags.format)}\n`)
      if (++count !== flags.maxRecords) continue
      // It is printed, so it is done; leaving the loop alone would leave it for the next reader.
      if (flags.group !== undefined) await consumer.commit(record)
      break
    }
  } finally {
    idle.stop()
    stop.removeEventListener('abort', close)
    await consumer.close()
  }
}

async function assignAll(consumer: Consumer, topic: string): Promise<void> {
  const partitions = await consumer.partitionsFor(topic, { timeoutMs: connectTimeoutMs })
  consumer.assign(partitions.map(({ partition }) => ({ topic, partition })))
}

/** Calls `onIdle` when `restart` was not called for `timeoutMs`. */
function idleTimer(timeoutMs: number | undefined, onIdle: () => void) {
  const start = () => (timeoutMs === undefined ? undefined : setTimeout(onIdle, timeoutMs))
  let timer = start()
  return {
    restart() {
      timer?.refresh()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

/** One record as a line; `json` keeps everything, the others what their name says. */
export function formatRecord(record: ConsumedRecord, format: ConsumeFlags['format']): string {
  const value = text(record.value)
  if (format === 'value') return value ?? ''
  if (format === 'key-value') return `${text(record.key) ?? ''}\t${value ?? ''}`
  return JSON.stringify({
    topic: record.topic,
    partition: record.partition,
    offset: record.offset.toString(),
    timestamp: record.timestamp,
    key: text(record.key),
    value,
    headers: [...record.headers].map(([name, bytes]) => [name, text(bytes)]),
  })
}
