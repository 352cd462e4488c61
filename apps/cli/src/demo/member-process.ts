import { Consumer } from '@ottla/consumer'
import type { Flight } from './flights.js'
import type { FinishedBatch, MemberOrder } from './messages.js'
import { onOrder, report, runProcess } from './process-channel.js'

type JoinOrder = Extract<MemberOrder, { kind: 'join' }>
type Batch = ReturnType<Consumer['batches']> extends AsyncIterable<infer B> ? B : never

let consumer: Consumer | undefined
let leaving = false

async function join({ bootstrapServers, topic, groupId, name }: JoinOrder): Promise<void> {
  const numbers = (list: readonly { partition: number }[]) => list.map(({ partition }) => partition)
  consumer = new Consumer({
    bootstrapServers,
    groupId,
    topics: [topic],
    clientId: name,
    autoOffsetReset: 'earliest',
    onAssigned: (partitions) => {
      const generation = consumer?.groupMetadata()?.generationId ?? 0
      report({ kind: 'assigned', partitions: numbers(partitions), generation })
    },
    onRevoked: (partitions) => report({ kind: 'revoked', partitions: numbers(partitions) }),
    onLost: (partitions) => report({ kind: 'revoked', partitions: numbers(partitions) }),
  })
  for await (const batch of consumer.batches()) {
    // A batch that is handed out while leaving stays unfinished; who gets the partition reads it.
    if (leaving) break
    report({ kind: 'finished', ...read(batch) })
  }
  await leave()
}

/** Closing commits what was finished and leaves the group. */
async function leave(): Promise<void> {
  leaving = true
  await consumer?.close()
  report({ kind: 'left' })
  if (process.connected) process.disconnect()
}

function read(batch: Batch): FinishedBatch {
  const finished: FinishedBatch = {
    partition: batch.partition,
    bytes: 0,
    rows: new Uint32Array(batch.length),
    offsets: new Float64Array(batch.length),
    origins: [],
    delays: new Int32Array(batch.length),
    distances: new Int32Array(batch.length),
  }
  let index = 0
  for (const record of batch) {
    const value = record.value as Buffer
    const { origin, delay, distance } = JSON.parse(value.toString()) as Flight
    finished.rows[index] = Number(rowHeader(record.headers))
    finished.offsets[index] = Number(record.offset)
    finished.origins.push(origin)
    finished.delays[index] = delay
    finished.distances[index] = distance
    finished.bytes += value.length
    index++
  }
  return finished
}

function rowHeader(headers: Iterable<readonly [string, Uint8Array | null]>): string {
  for (const [name, value] of headers) {
    if (name === 'row' && value !== null) return Buffer.from(value).toString()
  }
  throw new Error('a record without its row number')
}

runProcess(
  () => onOrder<MemberOrder>((order) => (order.kind === 'join' ? join(order) : leave())),
  leave,
)
