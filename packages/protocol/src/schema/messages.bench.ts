import { Writer } from '../bytes/writer.js'
import { Fetch, Heartbeat, Metadata } from '../index.js'

/**
 * Microseconds per message, the best of 60 rounds, beside `JSON.parse` of the same metadata in the
 * same run: the machine may be busy, the ratios hold. Run: pnpm tsx --conditions @ottla/source
 * <this file>
 */
const rounds = 60

const topicId = '01234567-89ab-cdef-0123-456789abcdef'

/** Three brokers, twenty topics of twelve partitions: 11 kB in version 12. */
const metadata = {
  brokers: [0, 1, 2].map((nodeId) => ({
    nodeId,
    host: `broker-${nodeId}.example.com`,
    port: 9092,
    rack: `rack-${nodeId}`,
  })),
  clusterId: 'abcdefghijklmnopqrstuv',
  controllerId: 1,
  topics: Array.from({ length: 20 }, (_, topic) => ({
    errorCode: 0,
    name: `topic-number-${topic}`,
    topicId,
    partitions: Array.from({ length: 12 }, (_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: partitionIndex % 3,
      leaderEpoch: 5,
      replicaNodes: [0, 1, 2],
      isrNodes: [0, 1, 2],
      offlineReplicas: [],
    })),
  })),
}

/** The envelope of a fetch of fifty partitions, records by reference. */
const fetched = {
  sessionId: 5,
  responses: [
    {
      topicId,
      partitions: Array.from({ length: 50 }, (_, partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 1000n,
        lastStableOffset: 1000n,
        logStartOffset: 0n,
        abortedTransactions: null,
        records: new Uint8Array(1000),
      })),
    },
  ],
}

const heartbeat = { groupId: 'my-group', generationId: 5, memberId: `consumer-1-${topicId}` }

const writer = new Writer({ initialBytes: 1 << 17, referenceBytes: 512 })
const text = JSON.stringify(metadata)

const messages = {
  'Metadata v12 response': [Metadata.response.at(12), metadata],
  'Metadata v7 response': [Metadata.response.at(7), metadata],
  'Fetch v13 response': [Fetch.response.at(13), fetched],
  'Heartbeat v4 request': [Heartbeat.request.at(4), heartbeat],
} as const

function microseconds(run: () => unknown, turns: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    for (let turn = 0; turn < turns; turn++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / turns)
  }
  return best
}

function report(name: string, run: () => unknown): void {
  const time = microseconds(run, 200)
  const baseline = microseconds(() => JSON.parse(text), 20)
  const ratio = (time / baseline).toFixed(3)
  console.log(`${name.padEnd(32)} ${time.toFixed(2).padStart(8)} µs  ${ratio} of JSON.parse`)
}

for (const [name, [codec, value]] of Object.entries(messages)) {
  const typed: { write(writer: Writer, input: unknown): void; encode(input: unknown): Uint8Array } =
    codec
  const bytes = typed.encode(value)
  report(`encode ${name}`, () => {
    writer.reset()
    typed.write(writer, value)
  })
  report(`decode ${name}`, () => codec.decode(bytes))
}
