import { createTopic, type KafkaTarget, requires, runTool } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTarget } from './target.js'

const TOPIC = 'verified'
const PARTITIONS = 4
const RECORDS = 2000

interface Line {
  readonly name: string
  readonly count?: number
  readonly partitions?: readonly { partition: number; minOffset?: number; maxOffset?: number }[]
  readonly [field: string]: unknown
}

const linesOf = (stdout: string): Line[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)

const named = (lines: readonly Line[], name: string) => lines.filter((line) => line.name === name)

describe.runIf(requires('java', 'maven'))("Kafka's verifiable clients", () => {
  let target: KafkaTarget

  beforeAll(async () => {
    target = await startTarget()
    await createTopic(target.bootstrapServers, TOPIC, PARTITIONS)
  })
  afterAll(() => target?.remove())

  test('the producer gets every record acknowledged, acks of all', async () => {
    const args = ['--topic', TOPIC, '--max-messages', String(RECORDS), '--acks', '-1']
    const { stdout } = await runTool('verifiable-producer', target.bootstrapServers, args)
    const acknowledged = named(linesOf(stdout), 'producer_send_success')
    const places = new Set(acknowledged.map(({ partition, offset }) => `${partition}:${offset}`))
    expect(places.size).toBe(RECORDS)
  })

  test('two consumers of a group read and commit every record once between them', async () => {
    const consume = async (records: number): Promise<Line[]> => {
      const args = ['--topic', TOPIC, '--group-id', 'verifying', '--max-messages', String(records)]
      const how = ['--reset-policy', 'earliest', '--enable-autocommit', '--session-timeout', '6000']
      const { stdout } = await runTool('verifiable-consumer', target.bootstrapServers, [
        ...args,
        ...how,
      ])
      return linesOf(stdout)
    }
    const first = await consume(RECORDS / 2)
    const second = await consume(RECORDS / 2)
    for (const lines of [first, second]) {
      expect(named(lines, 'startup_complete')).toHaveLength(1)
      expect(named(lines, 'partitions_assigned').at(-1)?.partitions).toHaveLength(PARTITIONS)
      expect(named(lines, 'shutdown_complete')).toHaveLength(1)
    }
    const read = [...first, ...second].filter(({ name }) => name === 'records_consumed')
    expect(read.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(RECORDS)
    const next = new Map<number, number>()
    for (const { partitions = [] } of read) {
      for (const { partition, minOffset, maxOffset = 0 } of partitions) {
        expect(minOffset).toBe(next.get(partition) ?? 0)
        next.set(partition, maxOffset + 1)
      }
    }
  })
})
