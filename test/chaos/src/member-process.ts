import { once } from 'node:events'
import { Consumer } from '@ottla/consumer'
import type { MemberOrder, MemberReport } from './messages.js'
import { readNumberedValue } from './numbered-record.js'

const tell = (report: MemberReport): void => {
  process.send?.(report)
}

const stopping = once(process, 'SIGTERM')
process.send?.('listening')
const [{ bootstrapServers, topic, groupId, name }] = (await once(process, 'message')) as [
  MemberOrder,
]
const positions = new Map<number, number>()
const numbersOf = (partitions: readonly { partition: number }[]): number[] =>
  partitions.map(({ partition }) => partition)
const forget = (partitions: readonly { partition: number }[]): void => {
  for (const { partition } of partitions) positions.delete(partition)
  tell({ kind: 'revoked', partitions: numbersOf(partitions) })
}
const consumer = new Consumer({
  bootstrapServers,
  clientId: name,
  groupId,
  topics: [topic],
  autoOffsetReset: 'earliest',
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 1000,
  autoCommitIntervalMs: 1000,
  onAssigned: (partitions) => tell({ kind: 'assigned', partitions: numbersOf(partitions) }),
  onRevoked: forget,
  onLost: forget,
})
void stopping.then(() => consumer.close())

for await (const batch of consumer.batches()) {
  const { partition } = batch
  const numbers = new Map<string, number>()
  let next = positions.get(partition) ?? Number(batch.firstOffset)
  if (Number(batch.firstOffset) !== next) {
    const text = `${name} read ${partition}:${batch.firstOffset} where ${next} was next`
    tell({ kind: 'violation', text })
  }
  for (const { offset, value } of batch) {
    const { key, number } = readNumberedValue(value)
    const before = numbers.get(key)
    if (before !== undefined && number !== before + 1) {
      const text = `${name} read ${key} ${number} after ${before} at ${partition}:${offset}`
      tell({ kind: 'violation', text })
    }
    numbers.set(key, number)
  }
  next = Number(batch.nextOffset)
  positions.set(partition, next)
  const first = Number(batch.firstOffset)
  tell({ kind: 'finished', partition, first, next, records: batch.length })
}
await consumer.close()
process.disconnect?.()
