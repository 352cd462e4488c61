import { createInterface } from 'node:readline'
import { Command, Option } from 'commander'
import { addConnectionOptions, type ConnectionFlags, connectionOptions } from './connection.js'
import { connectTimeoutMs, keyValue, wholeNumber } from './options.js'
import { tellTroubles } from './tell-troubles.js'

interface ProduceFlags extends ConnectionFlags {
  keySeparator?: string
  partition?: number
  header?: Record<string, string>
  compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  acks: 'all' | '1' | '0'
}

/** `ottla produce TOPIC`: one record per line of standard input. */
export function produceCommand(): Command {
  const command = new Command('produce')
    .argument('<topic>')
    .description('send each line of standard input as a record')
    .option('-k, --key-separator <text>', 'what stands before it in a line is the key')
    .option('-p, --partition <number>', 'send all to this partition', wholeNumber(0))
    .option('-H, --header <name=value>', 'a header of every record; repeatable', keyValue)
    .addOption(
      new Option('-z, --compression <codec>')
        .choices(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
        .default('none'),
    )
    .addOption(new Option('--acks <acks>').choices(['all', '1', '0']).default('all'))
    .addHelpText(
      'after',
      `
Examples:
  echo 'hello' | ottla produce greetings
  printf 'truck-42:52.52,13.40\\n' | ottla produce trucks_gps --key-separator :
  ottla produce logs --compression zstd < access.log`,
    )
    .action(produce)
  return addConnectionOptions(command)
}

async function produce(topic: string, flags: ProduceFlags): Promise<void> {
  const { Producer } = await import('@ottla/producer')
  const producer = new Producer({
    ...connectionOptions(flags),
    compression: flags.compression,
    acks: flags.acks === 'all' ? 'all' : flags.acks === '1' ? 1 : 0,
    // An idempotent producer needs acks=all.
    ...(flags.acks === 'all' ? {} : { enableIdempotence: false }),
  })
  let failure: unknown
  let count = 0
  try {
    await producer.connect({ timeoutMs: connectTimeoutMs })
    tellTroubles()
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
      const record = { topic, ...split(line, flags.keySeparator), ...recordOptions(flags) }
      count++
      const onDelivery = (error?: Error | null) => {
        failure ??= error ?? undefined
      }
      if (!producer.enqueue(record, onDelivery)) await producer.drained()
      if (failure !== undefined) break
    }
    await producer.flush()
  } finally {
    await producer.close()
  }
  if (failure !== undefined) throw failure
  console.error(`${count} ${count === 1 ? 'record' : 'records'} sent to ${topic}`)
}

function recordOptions({ partition, header }: ProduceFlags): object {
  return { partition, headers: header }
}

function split(line: string, separator?: string): { key: string | null; value: string } {
  const at = separator ? line.indexOf(separator) : -1
  if (separator === undefined || at < 0) return { key: null, value: line }
  return { key: line.slice(0, at), value: line.slice(at + separator.length) }
}
