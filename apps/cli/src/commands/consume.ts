import type { Consumer } from '@ottla/consumer'
import { Command, Option } from 'commander'
import { addConnectionOptions, type ConnectionFlags, connectionOptions } from './connection.js'
import { connectTimeoutMs, stopSignal, wholeNumber } from './options.js'
import { type PrintFlags, printRecords } from './print-records.js'
import { tellTroubles } from './tell-troubles.js'
import { untilStopped } from './until-stopped.js'

interface ConsumeFlags extends ConnectionFlags, PrintFlags {
  fromBeginning: boolean
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
    await untilStopped(stop, async () => {
      await consumer.connect({ timeoutMs: connectTimeoutMs, signal: stop })
      tellTroubles()
      if (flags.group === undefined) await assignAll(consumer, topic, stop)
      await printRecords(consumer, flags, stop)
    })
  } finally {
    stop.removeEventListener('abort', close)
    await consumer.close()
  }
}

async function assignAll(consumer: Consumer, topic: string, signal: AbortSignal): Promise<void> {
  const limits = { timeoutMs: connectTimeoutMs, signal }
  const partitions = await consumer.partitionsFor(topic, limits)
  consumer.assign(partitions.map(({ partition }) => ({ topic, partition })))
}
