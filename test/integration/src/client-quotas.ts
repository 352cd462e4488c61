import { connect } from 'node:net'
import {
  AlterClientQuotas,
  ApiVersions,
  CreateTopics,
  DescribeClientQuotas,
  ErrorCode,
  encodeRecordBatch,
  encodeRequestFrame,
  Fetch,
  Produce,
  type ProduceRequestInput,
} from '@ottla/protocol'
import { createTopic, request } from '@ottla-test/apache-kafka'
import { expect, test } from 'vitest'

type Entity = Readonly<Record<string, string | null>>
type Filter = readonly [type: string, matchType: number, match?: string]

const exact = 0
const byDefault = 1
const any = 2

const parts = (entity: Entity) =>
  Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }))

/** The changes as a request has them: a number sets, null removes. */
const change = (entity: Entity, quotas: Readonly<Record<string, number | null>>) => ({
  entity: parts(entity),
  ops: Object.entries(quotas).map(([key, value]) => ({
    key,
    value: value ?? 0,
    remove: value === null,
  })),
})

/**
 * Defines tests of client quotas as they are set and listed, to be run on any broker: what they expect is what Apache Kafka
 * 4.4.0 answers.
 */
export function clientQuotas(target: () => string): void {
  const alter = async (changes: readonly ReturnType<typeof change>[], validateOnly = false) => {
    const body = { entries: [...changes], validateOnly }
    const { entries } = await request(target(), AlterClientQuotas, 1, body)
    return entries
  }
  /** The error of a change that is about one entity. */
  const refusalOf = async (
    entity: Entity,
    quotas: Readonly<Record<string, number | null>>,
  ): Promise<string> => {
    const [result, ...others] = await alter([change(entity, quotas)])
    expect(others).toEqual([])
    expect(result?.errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect(result?.entity).toEqual(expect.arrayContaining(parts(entity)))
    return result?.errorMessage ?? ''
  }
  const describe = async (filters: readonly Filter[], strict = false) => {
    const components = filters.map(([entityType, matchType, match = null]) => ({
      entityType,
      matchType,
      match,
    }))
    return request(target(), DescribeClientQuotas, 1, { components, strict })
  }
  /** What is found: `user=alice` with its quotas. */
  const found = async (filters: readonly Filter[], strict = false) => {
    const { errorCode, entries } = await describe(filters, strict)
    expect(errorCode).toBe(ErrorCode.NONE)
    const rows = (entries ?? []).map(({ entity, values }): [string, Record<string, number>] => [
      entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join(),
      Object.fromEntries(values.map(({ key, value }) => [key, value])),
    ])
    return Object.fromEntries(rows)
  }
  /** A broker learns of a change when it has read the metadata log. */
  const eventually = async (filters: readonly Filter[], expected: object, strict = false) => {
    await expect.poll(() => found(filters, strict), { timeout: 10_000 }).toEqual(expected)
  }

  test('are set and found by every part of their entity', async () => {
    const changes = [
      change({ user: 'alice' }, { producer_byte_rate: 1000, consumer_byte_rate: 2000 }),
      change({ user: 'alice', 'client-id': 'app' }, { request_percentage: 12.5 }),
      change({ user: null, 'client-id': 'app' }, { controller_mutation_rate: 2.5 }),
      change({ 'client-id': null }, { consumer_byte_rate: 5 }),
      change({ ip: '192.0.2.1' }, { connection_creation_rate: 7 }),
      change({ ip: null }, { connection_creation_rate: 1000 }),
    ]
    const results = await alter(changes)
    expect(results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual(
      changes.map(() => [ErrorCode.NONE, null]),
    )
    const ofAlice = { 'user=alice': { producer_byte_rate: 1000, consumer_byte_rate: 2000 } }
    const both = { 'client-id=app,user=alice': { request_percentage: 12.5 } }
    const ofAll = { 'client-id=app,user=null': { controller_mutation_rate: 2.5 } }
    const byDefaultId = { 'client-id=null': { consumer_byte_rate: 5 } }
    const address = { 'ip=192.0.2.1': { connection_creation_rate: 7 } }
    const addresses = { ...address, 'ip=null': { connection_creation_rate: 1000 } }
    const all = { ...ofAlice, ...both, ...ofAll, ...byDefaultId, ...addresses }
    await eventually([], all)
    expect(await found([], true)).toEqual({})
    expect(await found([['user', exact, 'alice']])).toEqual({ ...ofAlice, ...both })
    expect(await found([['user', exact, 'alice']], true)).toEqual(ofAlice)
    expect(await found([['user', byDefault]])).toEqual(ofAll)
    expect(await found([['user', any]])).toEqual({ ...ofAlice, ...both, ...ofAll })
    expect(await found([['user', any]], true)).toEqual(ofAlice)
    const pairs: Filter[] = [
      ['user', any],
      ['client-id', exact, 'app'],
    ]
    expect(await found(pairs)).toEqual({ ...both, ...ofAll })
    expect(await found([['ip', any]])).toEqual(addresses)
    expect(await found([['ip', exact, '192.0.2.1']])).toEqual(address)
    expect(await found([['user', exact, 'nobody']])).toEqual({})
    await alter([change({ 'client-id': null }, { consumer_byte_rate: null })])
    await eventually([['client-id', byDefault]], {})
  })

  test('of created partitions: they are refused while any are owed, also where they are only validated', async () => {
    const entity = { 'client-id': 'ottla-test' }
    const create = (name: string, version: number, validateOnly = false) => {
      const topic = { name, numPartitions: 6, replicationFactor: 1, assignments: [], configs: [] }
      const body = { topics: [topic], timeoutMs: 5000, validateOnly }
      return request(target(), CreateTopics, version, body)
    }
    const codeOf = async (...args: Parameters<typeof create>) =>
      (await create(...args)).topics[0]?.errorCode
    const exceeded = ErrorCode.THROTTLING_QUOTA_EXCEEDED
    await alter([change(entity, { controller_mutation_rate: 0.5 })])
    await expect.poll(() => codeOf('mutation-a', 7, true), { timeout: 10_000 }).toBe(exceeded)
    const refused = await create('mutation-b', 7)
    expect(refused.topics).toMatchObject([{ errorCode: exceeded, errorMessage: null }])
    expect(refused.throttleTimeMs).toBeGreaterThan(0)
    expect(refused.throttleTimeMs).toBeLessThanOrEqual(12_000)
    // Older versions do not know the error: they are served, and told to wait.
    const served = await create('mutation-c', 5)
    expect(served.topics).toMatchObject([{ errorCode: ErrorCode.NONE }])
    expect(served.throttleTimeMs).toBeGreaterThan(refused.throttleTimeMs)
    expect(await create('bad name', 7)).toMatchObject({
      throttleTimeMs: 0,
      topics: [{ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION }],
    })
    await alter([change(entity, { controller_mutation_rate: null })])
    await expect.poll(() => codeOf('mutation-d', 7, true), { timeout: 10_000 }).toBe(0)
  })

  test('are changed and removed', async () => {
    const entity = { user: 'changing' }
    const filter: Filter[] = [['user', exact, 'changing']]
    await alter([change(entity, { producer_byte_rate: 1, consumer_byte_rate: 2 })])
    await eventually(filter, { 'user=changing': { producer_byte_rate: 1, consumer_byte_rate: 2 } })
    await alter([change(entity, { producer_byte_rate: null, consumer_byte_rate: 3 })])
    await eventually(filter, { 'user=changing': { consumer_byte_rate: 3 } })
    await alter([change(entity, { consumer_byte_rate: null })])
    await eventually(filter, {})
    const [result] = await alter([change({ user: 'nobody' }, { nonsense: null })])
    expect(result?.errorCode).toBe(ErrorCode.NONE)
  })

  test('are left as they are by a request that only asks', async () => {
    const results = await alter(
      [change({ user: 'asking' }, { producer_byte_rate: 1 }), change({ user: '' }, {})],
      true,
    )
    expect(results.map(({ errorCode }) => errorCode).sort()).toEqual([0, 42])
    await alter([change({ user: 'asked' }, { producer_byte_rate: 1 })])
    await eventually([['user', exact, 'asked']], { 'user=asked': { producer_byte_rate: 1 } })
    expect(await found([['user', exact, 'asking']])).toEqual({})
  })

  test('are refused in the words of Kafka', async () => {
    const rate = { producer_byte_rate: 7 }
    const bob = { user: 'bob' }
    expect(await refusalOf({}, rate)).toBe('Invalid empty client quota entity')
    expect(await refusalOf({ group: 'x' }, rate)).toBe('Unhandled client quota entity type: group')
    expect(await refusalOf({ user: '' }, rate)).toBe('Empty user not supported')
    expect(await refusalOf({ ip: '192.0.2.1', user: 'bob' }, rate)).toMatch(/^Invalid quota entity/)
    expect(await refusalOf({ ip: 'no such host' }, rate)).toBe(
      'no such host is not a valid IP or resolvable host.',
    )
    const unknown = (key: string) => `Invalid configuration key ${key}`
    expect(await refusalOf({ ip: '192.0.2.1' }, rate)).toBe(unknown('producer_byte_rate'))
    expect(await refusalOf(bob, { ...rate, nonsense: 7 })).toBe(unknown('nonsense'))
    expect(await refusalOf(bob, { producer_byte_rate: 7.5 })).toBe(
      'producer_byte_rate cannot be a fractional value.',
    )
    expect(await refusalOf(bob, { consumer_byte_rate: 0 })).toBe(
      'Quota consumer_byte_rate must be greater than 0',
    )
    expect(await refusalOf(bob, { request_percentage: -0.5 })).toBe(
      'Quota request_percentage must be greater than 0',
    )
    expect(await refusalOf(bob, { producer_byte_rate: Number.NaN })).toBe(
      'Quota producer_byte_rate must be a finite number',
    )
    expect(await refusalOf(bob, { producer_byte_rate: -0.5 })).toBe(
      'Quota producer_byte_rate must be greater than 0',
    )
    const entity = parts({ user: 'twice' })
    const op = { key: 'producer_byte_rate', value: 7, remove: false }
    const [repeated] = await alter([{ entity, ops: [op, op] }])
    const ignored = 'Ignoring duplicate entity ClientQuotaEntity(entries={user=twice})'
    expect(repeated?.errorMessage).toBe(ignored)
    const once = { entity, ops: [op] }
    const results = await alter([once, once])
    expect(results.map(({ errorMessage }) => errorMessage)).toEqual([ignored])
    await eventually([['user', exact, 'twice']], { 'user=twice': { producer_byte_rate: 7 } })
    expect(await found([['user', exact, 'bob']])).toEqual({})
  })

  test.each<[filters: Filter[], errorCode: number, message: string]>([
    [[['', any]], ErrorCode.INVALID_REQUEST, 'Invalid empty entity type.'],
    [[['group', any]], ErrorCode.UNSUPPORTED_VERSION, 'Unsupported entity type group'],
    [[['user', 9]], ErrorCode.INVALID_REQUEST, 'Unknown match type 9'],
    [
      [['user', exact]],
      ErrorCode.INVALID_REQUEST,
      'Request specified MATCH_TYPE_EXACT, but set match string to null.',
    ],
    [
      [['user', byDefault, 'x']],
      ErrorCode.INVALID_REQUEST,
      'Request specified MATCH_TYPE_DEFAULT, but also specified a match string.',
    ],
    [
      [['user', any, 'x']],
      ErrorCode.INVALID_REQUEST,
      'Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.',
    ],
    [
      [
        ['user', any],
        ['user', any],
      ],
      ErrorCode.INVALID_REQUEST,
      'Entity type user cannot appear more than once in the filter.',
    ],
    [
      [
        ['ip', any],
        ['user', any],
      ],
      ErrorCode.INVALID_REQUEST,
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    ],
  ])('are not looked for with %j', async (filters, errorCode, errorMessage) => {
    const answer = await describe(filters)
    expect(answer).toMatchObject({ errorCode, errorMessage, entries: null })
  })

  test('of connections: those that come too fast are closed without an answer', async () => {
    // Another address of this machine than the one that the tests come from.
    const localAddress = '127.0.0.2'
    const entity = { ip: localAddress }
    const [host, port] = target().split(':')
    const hello = encodeRequestFrame(ApiVersions, 0, { correlationId: 1, clientId: null }, {})
    /** Whether a connection of its own is answered. */
    const isAnswered = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port: Number(port), localAddress })
        socket.once('connect', () => socket.write(hello))
        socket.once('data', () => socket.destroy())
        socket.once('error', () => resolve(false))
        socket.once('close', () => resolve(socket.bytesRead > 0))
      })
    await alter([change(entity, { connection_creation_rate: 2 })])
    await eventually([['ip', exact, localAddress]], {
      [`ip=${localAddress}`]: { connection_creation_rate: 2 },
    })
    // The default windows allow ten seconds' worth at once; the rest is closed within the eleventh.
    const answers = await Promise.all(Array.from({ length: 30 }, isAnswered))
    const answered = answers.filter(Boolean).length
    expect(answered).toBeGreaterThanOrEqual(20)
    expect(answered).toBeLessThan(30)
    await alter([change(entity, { connection_creation_rate: null })])
    await expect.poll(isAnswered, { timeout: 20_000 }).toBe(true)
  })

  /** What `request` calls itself. */
  const itself = { 'client-id': 'ottla-test' }
  const bytesOf = (size: number) => encodeRecordBatch({ records: [{ value: Buffer.alloc(size) }] })
  const produceBody = (topic: string, size: number): ProduceRequestInput => ({
    acks: 1,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records: bytesOf(size) }] }],
  })
  const produce = (topic: string, size: number) =>
    request(target(), Produce, 9, produceBody(topic, size), 15_000)

  test('hold a producer that sends too much', async () => {
    const topic = 'held-producer'
    await createTopic(target(), topic, 1)
    await alter([change(itself, { producer_byte_rate: 1000 })])
    await eventually(
      [['client-id', exact, 'ottla-test']],
      { 'client-id=ottla-test': { producer_byte_rate: 1000 } },
      true,
    )
    // The default windows allow ten seconds' worth at once.
    const { throttleTimeMs: withinMs } = await produce(topic, 9000)
    expect(withinMs).toBe(0)
    const { throttleTimeMs, responses } = await produce(topic, 2000)
    expect(responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: 1n })
    const fields = { correlationId: 1, clientId: 'ottla-test' }
    const sentBytes = [9000, 2000].reduce(
      (total, size) =>
        total + encodeRequestFrame(Produce, 9, fields, produceBody(topic, size)).length,
      0,
    )
    // What is above the limit takes its time, a millisecond per byte; the time between both requests counts.
    expect(throttleTimeMs).toBeGreaterThan(0)
    expect(throttleTimeMs).toBeLessThanOrEqual(sentBytes - 10_000)
    await alter([change(itself, { producer_byte_rate: null })])
    await eventually([['client-id', exact, 'ottla-test']], {})
    expect((await produce(topic, 20_000)).throttleTimeMs).toBe(0)
  })

  test('hold a consumer that fetches too much, and keep the records for later', async () => {
    const topic = 'held-consumer'
    await createTopic(target(), topic, 1)
    for (let index = 0; index < 4; index += 1) await produce(topic, 4000)
    await alter([change(itself, { consumer_byte_rate: 1000 })])
    await eventually([['client-id', exact, 'ottla-test']], {
      'client-id=ottla-test': { consumer_byte_rate: 1000 },
    })
    const fetch = (partitionMaxBytes = 9000) =>
      request(target(), Fetch, 12, {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1_000_000,
        sessionEpoch: 0,
        topics: [
          {
            topic,
            partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes }],
          },
        ],
      })
    const first = await fetch()
    const records = first.responses[0]?.partitions[0]?.records?.length ?? 0
    expect(first.throttleTimeMs).toBe(0)
    expect(records).toBeGreaterThan(8000)
    const second = await fetch()
    expect(second).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] })
    // Twice as much as may be: about as many milliseconds as there are bytes too many.
    expect(second.throttleTimeMs).toBeGreaterThan(0)
    expect(second.throttleTimeMs).toBeLessThanOrEqual(2 * (records + 200) - 10_000)
    await alter([change(itself, { consumer_byte_rate: null })])
    await eventually([['client-id', exact, 'ottla-test']], {})
    const { responses } = await fetch(1_000_000)
    expect(responses[0]?.partitions[0]?.records?.length).toBeGreaterThan(15_000)
  })
}
