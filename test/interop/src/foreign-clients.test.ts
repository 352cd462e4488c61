import { partitionForKey } from '@ottla/protocol'
import {
  createTopic,
  type KafkaTarget,
  requires,
  run,
  type SeenRecord,
  startTarget,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { foreignClients } from './foreign-clients.js'
import { ForeignMember } from './foreign-member.js'

const PARTITIONS = 4
const RECORDS = 200

type Pair = readonly [key: string, value: string]

function pairsOf(client: string, from = 0): Pair[] {
  return Array.from({ length: RECORDS }, (_, index) => [
    `key-${index % 20}`,
    `${client} ${from + index} ${'x'.repeat(index % 50)}`,
  ])
}

const inputOf = (pairs: readonly Pair[]) => pairs.map((pair) => `${pair.join('\t')}\n`).join('')

/** The values of each key, in the order they were read. */
function valuesByKey(records: readonly { key: string | null; value: string | null }[]) {
  const values = new Map<string | null, (string | null)[]>()
  for (const { key, value } of records) values.set(key, [...(values.get(key) ?? []), value])
  return new Map([...values].sort())
}

const expectedValues = (pairs: readonly Pair[]) =>
  valuesByKey(pairs.map(([key, value]) => ({ key, value })))

const placeOf = ({ partition, offset }: SeenRecord) => `${partition}:${offset}`

describe.each(foreignClients)('$name', (client) => {
  const has = requires(...client.requires)
  let target: KafkaTarget
  let command: readonly string[]
  const members: ForeignMember[] = []

  beforeAll(async () => {
    if (!has) return
    command = await client.prepare()
    target = await startTarget()
  })
  afterAll(async () => {
    await Promise.all(members.map((member) => member.kill()))
    await target?.remove()
  })

  async function produce(
    topic: string,
    pairs: readonly Pair[],
    codec: string,
    idempotent: boolean,
  ) {
    const [program = '', ...args] = command
    const flags = ['--bootstrap', target.bootstrapServers, '--topic', topic]
    const how = ['--codec', codec, '--idempotent', String(idempotent)]
    const input = inputOf(pairs)
    const { stdout } = await run(program, [...args, 'produce', ...flags, ...how], { input })
    return stdout.trim().split('\n')
  }

  function join(topic: string, group: string): ForeignMember {
    const { bootstrapServers } = target
    const name = `${client.name} ${members.length}`
    const member = new ForeignMember(name, command, bootstrapServers, topic, group)
    members.push(member)
    return member
  }

  test.runIf(has)('writes every codec it knows, and reads it back in order', async () => {
    const topic = 'codecs'
    await createTopic(target.bootstrapServers, topic, PARTITIONS)
    const written: Pair[] = []
    for (const codec of client.codecs) {
      for (const idempotent of [true, false]) {
        const pairs = pairsOf(`${codec} ${idempotent}`)
        const reports = await produce(topic, pairs, codec, idempotent)
        if (client.reportsEachRecord) expect(reports).toHaveLength(RECORDS)
        written.push(...pairs)
      }
    }
    const member = join(topic, 'codecs')
    await member.until('all read', () => member.records.length >= written.length)
    await member.leave()
    expect(valuesByKey(member.records)).toEqual(expectedValues(written))
    for (const { key, partition } of member.records) {
      expect([key, partition]).toEqual([key, partitionForKey(Buffer.from(key ?? ''), PARTITIONS)])
    }
  })

  test.runIf(has)('shares a topic, hands partitions over, and goes on where it was', async () => {
    const topic = 'shared'
    await createTopic(target.bootstrapServers, topic, PARTITIONS)
    await produce(topic, pairsOf('first'), 'none', true)
    const one = join(topic, 'sharing')
    await one.until('all read', () => one.records.length === RECORDS)
    const two = join(topic, 'sharing')
    await two.until('assigned its half', () => two.assigned.length === PARTITIONS / 2)
    await one.until('left with its half', () => one.assigned.length === PARTITIONS / 2)
    expect([...one.assigned, ...two.assigned].sort()).toEqual([0, 1, 2, 3])
    await produce(topic, pairsOf('second'), 'none', true)
    const both = () => one.records.length + two.records.length
    await two.until('its share read', () => two.records.length > 0)
    await one.until('all read', () => both() >= 2 * RECORDS || two.records.length >= RECORDS)
    await two.until('all read', () => both() >= 2 * RECORDS)
    await one.leave()
    await two.until('assigned all', () => two.assigned.length === PARTITIONS)
    await produce(topic, pairsOf('third'), 'none', true)
    await two.until('all read', () => both() >= 3 * RECORDS)
    await two.leave()
    const late = join(topic, 'sharing')
    await late.until('assigned all', () => late.assigned.length === PARTITIONS)
    await produce(topic, pairsOf('fourth'), 'none', true)
    await late.until('the rest read', () => late.records.length >= RECORDS)
    await late.leave()
    // Every member committed what it read before it gave partitions up: nobody read anything twice.
    const all = [...one.records, ...two.records, ...late.records]
    expect(new Set(all.map(placeOf)).size).toBe(all.length)
    expect(all).toHaveLength(4 * RECORDS)
  })
})
