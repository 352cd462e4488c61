import { type AssignorName, Consumer, type RebalanceListener } from '@ottla/consumer'

/** A member of a group that says what happens to it; the twin of GroupMember.java, with the same arguments and lines. */
const [bootstrapServers = '', topic = '', groupId = '', assignor = ''] = process.argv.slice(2)

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const report =
  (event: string): RebalanceListener =>
  (partitions) => {
    const numbers = partitions.map(({ partition }) => partition)
    say({ event, partitions: numbers, atMs: Date.now() })
  }

const consumer = new Consumer({
  bootstrapServers,
  groupId,
  topics: [topic],
  partitionAssignors: [assignor as AssignorName],
  autoOffsetReset: 'earliest',
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 200,
  onAssigned: report('assigned'),
  onRevoked: report('revoked'),
  onLost: report('lost'),
})
process.stdin.on('end', () => void consumer.close()).resume()
for await (const { partition, value } of consumer) say({ partition, value: String(value) })
