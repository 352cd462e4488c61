import { once } from 'node:events'
import type { Consumer, ConsumerRecord } from '@ottla/consumer'
import { Command, Option } from 'commander'
import { addConnectionOptions, type ConnectionFlags, connectionOptions } from './connection.js'
import { connectTimeoutMs, stopSignal, wholeNumber } from './options.js'
import { tellTroubles } from './tell-troubles.js'

interface ConsumeFlags extends ConnectionFlags {
  group?: string
  fromBeginning: boolean
  maxRecords?: number
  idleTimeoutMs?: number
  format: 'value' | 'key-value' | 'json'
}

/** `ottla consume TOPIC`: prints records until a limit, a signal, or silence. */
export function consumeCommand(): Command {
  const command = new Command('consume')
    .argument('<topic>')
    .description('print the records of a topic as they come')
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
  return addConnectionOptions(command)
}

async function consume(topic: string, flags: ConsumeFlags): Promise<void> {
  const stop = stopSignal()
  const { Consumer } = await import('@ottla/consumer')
  const consumer = new Consumer({
    ...connectionOptions(flags),
    // A mistyped name must not become a topic.
    allowAutoCreateTopics: false,
    autoOffsetReset: flags.fromBeginning ? 'earliest' : 'latest',
    ...(flags.group === undefined ? {} : { groupId: flags.group }),
    ...(flags.group === undefined ? {} : { topics: [topic] }),
  })
  const close = () => void consumer.close()
  stop.addEventListener('abort', close, { once: true })
  try {
    await consumer.connect({ timeoutMs: connectTimeoutMs, signal: stop })
    tellTroubles()
    if (flags.group === undefined) await assignAll(consumer, topic)
    await printRecords(consumer, flags, stop)
  } catch (error) {
    // Who stops the command means it, whatever it was waiting for.
    if (!stop.aborted) throw error
  } finally {
    stop.removeEventListener('abort', close)
    await consumer.close()
  }
}

async function assignAll(consumer: Consumer, topic: string): Promise<void> {
  const partitions = await consumer.partitionsFor(topic, { timeoutMs: connectTimeoutMs })
  consumer.assign(partitions.map(({ partition }) => ({ topic, partition })))
}

async function printRecords(
  consumer: Consumer,
  flags: ConsumeFlags,
  signal: AbortSignal,
): Promise<void> {
  const idle = idleTimer(flags.idleTimeoutMs, () => void consumer.close())
  let count = 0
  try {
    for await (const record of consumer) {
      idle.restart()
      const line = `${formatRecord(record, flags.format)}\n`
      if (!process.stdout.write(line)) await once(process.stdout, 'drain', { signal })
      if (++count !== flags.maxRecords) continue
      // It is printed, so it is done; leaving the loop alone would leave it for the next reader.
      if (flags.group !== undefined) await consumer.commit(record)
      break
    }
  } finally {
    idle.stop()
  }
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

const text = (bytes: Uint8Array | null) => (bytes === null ? '' : Buffer.from(bytes).toString())

/** One record as a line; `json` keeps everything, the others what their name says. */
function formatRecord(record: ConsumerRecord, format: ConsumeFlags['format']): string {
  if (format === 'value') return text(record.value)
  if (format === 'key-value') return `${text(record.key)}\t${text(record.value)}`
  return JSON.stringify(record)
}
