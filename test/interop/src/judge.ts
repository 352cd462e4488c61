import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Metadata, partitionForKey } from '@ottla/protocol'
import {
  certificateFile,
  createTopic,
  type KafkaTarget,
  listenerOf,
  request,
  run,
  type SeenRecord,
  userOf,
} from '@ottla-test/apache-kafka'
import { expect } from 'vitest'
import {
  type Ability,
  codecNames,
  gapOf,
  SECURITY,
  type SecurityName,
  securityNames,
} from './abilities.js'
import type { Client } from './clients.js'
import { argumentsOf, type ConnectionFlags, MemberGroup } from './member-group.js'

const PARTITIONS = 4
const RECORDS = 200

type Pair = readonly [key: string, value: string]

const pairsOf = (what: string): Pair[] =>
  Array.from({ length: RECORDS }, (_, index) => [
    `key-${index % 20}`,
    `${what} ${index} ${'x'.repeat(index % 50)}`,
  ])

interface Produced {
  readonly codec?: string
  readonly idempotent?: boolean
  readonly security?: SecurityName
}

/** A client on a broker, with topics and groups of its own. */
export class Judged {
  #names = 0
  readonly client: Client
  readonly command: readonly string[]
  readonly target: KafkaTarget
  readonly #groups: MemberGroup[] = []

  constructor(client: Client, command: readonly string[], target: KafkaTarget) {
    this.client = client
    this.command = command
    this.target = target
  }

  /** Where everybody may do everything. */
  get bootstrap(): string {
    return this.target.bootstrapServers
  }

  /** A name that no other client takes, nor this one a second time. */
  name(what: string): string {
    this.#names++
    return `${this.client.name.replaceAll(/[^\w.-]+/g, '-')}.${what}-${this.#names}`
  }

  can(ability: Ability): boolean {
    return gapOf(this.client.name, this.target.name, ability) === undefined
  }

  /** Runs a command of the client to its end. */
  async run(args: readonly string[], input = ''): Promise<string[]> {
    const [program = '', ...before] = this.command
    const { stdout } = await run(program, [...before, ...args], { input })
    return stdout.trim().split('\n')
  }

  produce(
    topic: string,
    pairs: readonly Pair[],
    { codec = 'none', idempotent = false, security }: Produced = {},
  ): Promise<string[]> {
    const input = pairs.map((pair) => `${pair.join('\t')}\n`).join('')
    const flags = { topic, codec, idempotent: String(idempotent), ...this.#connection(security) }
    return this.run(['produce', ...argumentsOf(flags)], input)
  }

  group(topic: string, security?: SecurityName): MemberGroup {
    const group = new MemberGroup({ ...this.#connection(security), topic, group: topic })
    this.#groups.push(group)
    return group
  }

  #connection(security: SecurityName | undefined): ConnectionFlags {
    if (security === undefined) return { bootstrap: this.bootstrap }
    const { listener, mechanism } = SECURITY[security]
    const { bootstrapServers, protocol } = listenerOf(this.target, listener)
    const { username, password } = userOf(this.target, 'admin')
    return {
      bootstrap: bootstrapServers,
      protocol,
      ca: fileURLToPath(certificateFile('ca')),
      ...(mechanism === undefined ? {} : { mechanism, username, password }),
    }
  }

  /** Ends members that a failed test has left. */
  async end(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.end()))
  }
}

/** The values of each key, in the order they were read. */
function valuesByKey(records: readonly Pick<SeenRecord, 'key' | 'value'>[]) {
  const values = new Map<string | null, (string | null)[]>()
  for (const { key, value } of records) values.set(key, [...(values.get(key) ?? []), value])
  return new Map([...values].sort())
}

/** Every codec it knows, every second one idempotent where it can be; then all is read back. */
export async function checkRecords(judged: Judged): Promise<readonly Ability[]> {
  const topic = judged.name('records')
  await createTopic(judged.bootstrap, topic, PARTITIONS)
  const codecs = codecNames.filter((codec) => judged.can(codec))
  const written: Pair[] = []
  const write = async (codec: string, idempotent: boolean): Promise<void> => {
    const pairs = pairsOf(`${codec} ${idempotent}`)
    const reports = await judged.produce(topic, pairs, { codec, idempotent })
    if (judged.client.reportsEachRecord) expect(reports).toHaveLength(RECORDS)
    written.push(...pairs)
  }
  const canBeIdempotent = judged.can('idempotence')
  if (canBeIdempotent) await write('none', true)
  for (const [index, codec] of codecs.entries()) {
    await write(codec, canBeIdempotent && index % 2 === 1)
  }
  const group = judged.group(topic)
  group.join('reader', judged.command)
  await group.until(
    () => 'all read',
    () => group.records.length >= written.length,
  )
  await group.leave('reader')
  if (judged.client.makesRecords) {
    const places = new Set(group.records.map(({ partition, offset }) => `${partition}:${offset}`))
    expect(places.size).toBe(written.length)
  } else {
    const values = written.map(([key, value]) => ({ key, value }))
    expect(valuesByKey(group.records)).toEqual(valuesByKey(values))
  }
  const shown: Ability[] = [...codecs, 'consume']
  if (canBeIdempotent) shown.push('idempotence')
  if (!judged.can('keys')) return shown
  for (const { key, partition } of group.records) {
    expect([key, partition]).toEqual([key, partitionForKey(Buffer.from(key ?? ''), PARTITIONS)])
  }
  return [...shown, 'keys']
}

/** A member, a second one, the second alone, and a late one: all four rounds are read, each record once. */
export async function checkGroup(judged: Judged): Promise<readonly Ability[]> {
  const topic = judged.name('shared')
  await createTopic(judged.bootstrap, topic, PARTITIONS)
  const group = judged.group(topic)
  let rounds = 0
  const produce = () => judged.produce(topic, pairsOf(`round ${rounds++}`))
  const allRead = () =>
    group.until(
      () => `${rounds} rounds read`,
      () => group.records.length >= rounds * RECORDS,
    )
  const shared = (...sizes: number[]) =>
    group.until(
      () => `shared ${sizes}`,
      () => {
        const shares = Object.values(group.shares)
        const all = shares.flat()
        const isFair = shares.every(({ length }, index) => length === sizes[index])
        return isFair && all.length === PARTITIONS && new Set(all).size === PARTITIONS
      },
    )
  await produce()
  group.join('one', judged.command)
  await allRead()
  group.join('two', judged.command)
  await shared(PARTITIONS / 2, PARTITIONS / 2)
  await produce()
  await allRead()
  expect(group.recordsOf('two').length).toBeGreaterThan(0)
  await group.leave('one')
  await shared(PARTITIONS)
  await produce()
  await allRead()
  await group.leave('two')
  group.join('late', judged.command)
  await shared(PARTITIONS)
  await produce()
  await allRead()
  await group.leave('late')
  // Every member committed what it read before it gave partitions up: nobody read anything twice.
  const places = group.records.map(({ partition, offset }) => `${partition}:${offset}`)
  expect(new Set(places).size).toBe(places.length)
  expect(places).toHaveLength(rounds * RECORDS)
  return ['group', 'resume']
}

/** A topic that it creates, describes and deletes. */
export async function checkAdmin(judged: Judged): Promise<readonly Ability[]> {
  const topic = judged.name('created')
  const reports = await judged.run(['admin', '--bootstrap', judged.bootstrap, '--topic', topic])
  expect(reports).toContainEqual(expect.stringMatching(/^\{"partitions":\s*3\}$/))
  const exists = async (): Promise<boolean> => {
    const { topics } = await request(judged.bootstrap, Metadata, 9, { topics: null })
    return topics.some(({ name }) => name === topic)
  }
  for (let look = 0; await exists(); look++) {
    if (look === 100) throw new Error(`${topic} is still there`)
    await setTimeout(100)
  }
  return ['admin']
}

/** Writes in every safe way it knows, and reads all of it in the last of them. */
export async function checkSecurity(judged: Judged): Promise<readonly Ability[]> {
  const topic = judged.name('secured')
  await createTopic(judged.bootstrap, topic, 1)
  const ways = securityNames.filter((name) => judged.can(name))
  const written: Pair[] = []
  for (const security of ways) {
    const pairs = pairsOf(security)
    await judged.produce(topic, pairs, { security })
    written.push(...pairs)
  }
  const group = judged.group(topic, ways.at(-1))
  group.join('reader', judged.command)
  await group.until(
    () => 'all read',
    () => group.records.length >= written.length,
  )
  await group.leave('reader')
  expect(group.records.map(({ key, value }) => [key, value])).toEqual(written)
  return ways
}
