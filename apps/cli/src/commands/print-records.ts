import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Consumer, ConsumerRecord } from '@ottla/consumer'
import { idleTimer } from './idle-timer.js'
import { isInterruption } from './until-stopped.js'

/** Which records are printed, and how. */
export interface PrintFlags {
  readonly group?: string
  readonly maxRecords?: number
  readonly idleTimeoutMs?: number
  readonly format: 'value' | 'key-value' | 'json'
}

/** What printing needs of a consumer. */
export type RecordSource = AsyncIterable<ConsumerRecord> & Pick<Consumer, 'commit' | 'close'>

/** Prints records until the limit, the signal, or silence. */
export async function printRecords(
  consumer: RecordSource,
  flags: PrintFlags,
  signal: AbortSignal,
  output: Writable = process.stdout,
): Promise<void> {
  const idle = idleTimer(flags.idleTimeoutMs, () => void consumer.close())
  let count = 0
  try {
    idle.start()
    for await (const record of consumer) {
      // It is the topic that is to be silent: a reader of ours may take its time.
      idle.stop()
      const line = `${formatRecord(record, flags.format)}\n`
      if (!output.write(line)) await once(output, 'drain', { signal })
      if (++count === flags.maxRecords) {
        // It is printed, so it is done; leaving the loop alone would leave it for the next reader.
        if (flags.group !== undefined) await commitLast(consumer, record, flags.group)
        break
      }
      idle.start()
    }
  } finally {
    idle.stop()
  }
}

/** A commit that is interrupted has failed: the next reader of the group gets the records again. */
async function commitLast(
  consumer: RecordSource,
  record: ConsumerRecord,
  group: string,
): Promise<void> {
  try {
    await consumer.commit(record)
  } catch (error) {
    if (!isInterruption(error)) throw error
    const { topic, partition, offset } = record
    const message = `stopped before ${topic}-${partition} up to offset ${offset} was committed for ${group}: it will be read again`
    throw Object.assign(new Error(message, { cause: error }), { code: 'OTTLA_NOT_COMMITTED' })
  }
}

const text = (bytes: Uint8Array | null) => (bytes === null ? '' : Buffer.from(bytes).toString())

/** One record as a line; `json` keeps everything, the others what their name says. */
function formatRecord(record: ConsumerRecord, format: PrintFlags['format']): string {
  if (format === 'value') return text(record.value)
  if (format === 'key-value') return `${text(record.key)}\t${text(record.value)}`
  return JSON.stringify(record)
}
