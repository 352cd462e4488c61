import { Admin } from '@ottla/admin'
import { Consumer } from '@ottla/consumer'
import { readNumberedValue } from './numbered-record.js'

/** What a topic holds, read from its start to its end. */
export interface LogAudit {
  readonly records: number
  /** By key: how many numbers follow each other from 0. */
  readonly counts: ReadonlyMap<string, number>
  /** What must not be: a number missing, repeated or out of order. The first hundred. */
  readonly violations: readonly string[]
}

const maxViolations = 100

/** Reads all partitions of a topic, each from its log start to where it ended when this began. */
export async function auditLog(bootstrapServers: string, topic: string): Promise<LogAudit> {
  const ends = await endOffsets(bootstrapServers, topic)
  const counts = new Map<string, number>()
  const violations: string[] = []
  let records = 0
  const consumer = new Consumer({ bootstrapServers, clientId: 'audit' })
  consumer.assign([...ends.keys()].map((partition) => ({ topic, partition, offset: 0n })))
  const unread = new Map([...ends].filter(([, end]) => end > 0n))
  if (unread.size > 0) {
    for await (const batch of consumer.batches()) {
      for (const { offset, value } of batch) {
        records++
        const { key, number } = readNumberedValue(value)
        const expected = counts.get(key) ?? 0
        if (number === expected) counts.set(key, expected + 1)
        else if (violations.length < maxViolations) {
          const place = `${topic}-${batch.partition} at ${offset}`
          violations.push(`${place}: ${key} ${number}, where ${expected} is next`)
        }
      }
      if (batch.nextOffset >= (unread.get(batch.partition) ?? 0n)) unread.delete(batch.partition)
      if (unread.size === 0) break
    }
  }
  await consumer.close()
  return { records, counts, violations }
}

async function endOffsets(bootstrapServers: string, topic: string): Promise<Map<number, bigint>> {
  const admin = new Admin({ bootstrapServers })
  try {
    const [description] = await admin.describeTopics([topic])
    const wanted = (description?.partitions ?? []).map(({ partition }) => ({
      topic,
      partition,
      at: 'latest' as const,
    }))
    const found = await admin.listOffsets(wanted)
    return new Map(found.map(({ partition, offset }) => [partition, offset]))
  } finally {
    await admin.close()
  }
}
