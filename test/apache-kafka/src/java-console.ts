import { parseRecords, type SeenRecord } from './seen-record.js'
import { runTool } from './tools.js'

const TIMEOUT_MS = 60_000

/** Produces `key value` pairs with Kafka's console producer. */
export async function javaProduce(
  bootstrapServers: string,
  topic: string,
  pairs: readonly (readonly [key: string, value: string])[],
  codec: string,
): Promise<void> {
  const reader = ['--reader-property', 'parse.key=true', '--reader-property', 'key.separator=\t']
  const args = ['--topic', topic, '--compression-codec', codec, ...reader]
  const input = pairs.map(([key, value]) => `${key}\t${value}\n`).join('')
  const { stderr } = await runTool('console-producer', bootstrapServers, args, {
    input,
    timeoutMs: TIMEOUT_MS,
  })
  // The console producer ends with status 0 even when records were refused.
  if (/ERROR|Exception/.test(stderr)) throw new Error(`console producer: ${stderr}`)
}

const FORMAT = ['print.partition=true', 'print.offset=true', 'print.key=true'].flatMap((one) => [
  '--formatter-property',
  one,
])

/** Reads `count` records with Kafka's console consumer, from the beginning or where its group has committed. */
export async function javaConsume(
  bootstrapServers: string,
  topic: string,
  count: number,
  group?: string,
): Promise<SeenRecord[]> {
  const limit = ['--max-messages', String(count), '--timeout-ms', '30000']
  const place = ['--from-beginning', ...(group === undefined ? [] : ['--group', group])]
  const args = ['--topic', topic, ...limit, ...place, ...FORMAT]
  const { stdout, stderr } = await runTool('console-consumer', bootstrapServers, args, {
    timeoutMs: TIMEOUT_MS,
  })
  const records = parseRecords(stdout.replaceAll(/Partition:(\d+)\tOffset:(\d+)/g, '$1\t$2'))
  // The console consumer ends with status 0 also when it has waited in vain.
  if (records.length < count) {
    throw new Error(`console consumer got ${records.length} of ${count} records: ${stderr}`)
  }
  return records
}
