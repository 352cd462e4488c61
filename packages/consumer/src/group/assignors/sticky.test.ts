import { describe, expect, it } from 'vitest'
import type { AssignorMember, AssignorPartition } from './assignor.js'
import { builtInAssignors, commonProtocol } from './built-in.js'
import { decodeStickyUserData, encodeStickyUserData } from './sticky.js'

const { sticky, 'cooperative-sticky': cooperativeSticky, roundrobin } = builtInAssignors

const parse = (names: string) =>
  (names === '' ? [] : names.split(' ')).map((name) => ({
    topic: name.slice(0, 1),
    partition: Number(name.slice(1)),
  }))

/** A member that wants topics named by single letters, and says that it owns partitions such as `t0 t1`. */
const member = (
  memberId: string,
  topics: string,
  owned = '',
  { generationId = 1, ...rest }: Partial<AssignorMember> = {},
): AssignorMember => ({
  memberId,
  groupInstanceId: null,
  topics: [...topics],
  ownedPartitions: parse(owned),
  generationId,
  rackId: null,
  userData: encodeStickyUserData({
    topics: [],
    lastPartitions: parse(owned),
    lastGenerationId: generationId,
  }),
  ...rest,
})

const topic = (count: number, racks: readonly string[] = []): AssignorPartition[] =>
  Array.from({ length: count }, (_, partition) => ({
    partition,
    racks: racks.length === 0 ? [] : [racks[partition % racks.length] as string],
  }))

const assign = (
  assignor: typeof sticky,
  members: AssignorMember[],
  topics: Record<string, AssignorPartition[]>,
) =>
  Object.fromEntries(
    [...assignor.assign(members, new Map(Object.entries(topics)))].map(([id, partitions]) => [
      id,
      partitions
        .map(({ topic: name, partition }) => `${name}${partition}`)
        .sort()
        .join(' '),
    ]),
  )

describe('roundrobin', () => {
  it('deals partitions out one by one, passing over those who do not want the topic', () => {
    const members = [member('a', 's'), member('b', 'st'), member('c', 't')]
    expect(assign(roundrobin, members, { s: topic(3), t: topic(3) })).toEqual({
      a: 's0 s2',
      b: 's1 t0 t2',
      c: 't1',
    })
  })
})

describe('sticky', () => {
  it('divides evenly at first', () => {
    const members = [member('b', 't'), member('a', 't')]
    expect(assign(sticky, members, { t: topic(5) })).toEqual({ a: 't0 t2 t4', b: 't1 t3' })
  })

  it('takes from those who have too much only what the newcomer is due', () => {
    const members = [member('a', 't', 't0 t1 t2'), member('b', 't', 't3 t4 t5'), member('c', 't')]
    expect(assign(sticky, members, { t: topic(6) })).toEqual({ a: 't0 t1', b: 't3 t4', c: 't2 t5' })
  })

  it('leaves everything where it was when someone goes, and shares out the rest', () => {
    const members = [member('a', 't', 't0 t1'), member('b', 't', 't2 t3')]
    expect(assign(sticky, members, { t: topic(6) })).toEqual({ a: 't0 t1 t4', b: 't2 t3 t5' })
  })

  it('believes the newer of two claims, and neither of two equal ones', () => {
    const old = member('a', 't', 't0 t1', { generationId: 1 })
    expect(
      assign(sticky, [old, member('b', 't', 't1', { generationId: 2 })], { t: topic(2) }),
    ).toEqual({ a: 't0', b: 't1' })
    const [one, two] = [member('a', 't', 't1'), member('b', 't', 't1')]
    expect(assign(sticky, [one, two], { t: topic(2) })).toEqual({ a: 't0', b: 't1' })
  })

  it('evens out members with different topics', () => {
    const members = [member('a', 'st', 's0 s1 t0 t1'), member('b', 't'), member('c', 's')]
    expect(assign(sticky, members, { s: topic(2), t: topic(2) })).toEqual({
      a: 't1',
      b: 't0',
      c: 's0 s1',
    })
  })

  it('prefers members near a replica', () => {
    const members = [member('a', 't', '', { rackId: 'x' }), member('b', 't', '', { rackId: 'y' })]
    expect(assign(sticky, members, { t: topic(4, ['y', 'x']) })).toEqual({ a: 't1 t3', b: 't0 t2' })
  })

  it('leaves out topics that do not exist, and members of an empty group', () => {
    expect(assign(sticky, [member('a', 'x', 'x0')], {})).toEqual({ a: '' })
    expect(assign(sticky, [], { t: topic(1) })).toEqual({})
  })
})

describe('cooperative-sticky', () => {
  it('withholds what moves until its owner has given it up', () => {
    const topics = { t: topic(4) }
    const owner = member('a', 't', 't0 t1 t2 t3')
    expect(assign(cooperativeSticky, [owner, member('b', 't')], topics)).toEqual({
      a: 't0 t1',
      b: '',
    })
    const again = [member('a', 't', 't0 t1'), member('b', 't')]
    expect(assign(cooperativeSticky, again, topics)).toEqual({ a: 't0 t1', b: 't2 t3' })
  })

  it('reads the generation of members that only have it in their user data', () => {
    const userData = (generationId: number) =>
      cooperativeSticky.encodeUserData?.({
        topics: [],
        lastPartitions: [],
        lastGenerationId: generationId,
      }) ?? null
    const members = [
      member('a', 't', 't0', { generationId: -1, userData: userData(3) }),
      member('b', 't', 't0 t1', { generationId: -1, userData: userData(4) }),
    ]
    expect(assign(cooperativeSticky, members, { t: topic(2) })).toEqual({ a: '', b: 't0' })
  })
})

describe('user data of sticky', () => {
  const context = { topics: ['t'], lastPartitions: parse('t1 s0 t0'), lastGenerationId: 7 }
  const bytes = '00000002 0001 73 00000001 00000000 0001 74 00000002 00000000 00000001 00000007'
  const encoded = Buffer.from(bytes.replaceAll(' ', ''), 'hex')

  it('is what the Java client writes', () => {
    expect(encodeStickyUserData(context)).toEqual(new Uint8Array(encoded))
    expect(encodeStickyUserData({ ...context, lastGenerationId: -1 })).toBe(null)
  })

  it('is read in both versions, and claims nothing when it cannot be read', () => {
    const partitions = parse('s0 t0 t1')
    expect(decodeStickyUserData(encoded)).toEqual({ partitions, generationId: 7 })
    expect(decodeStickyUserData(encoded.subarray(0, -4))).toEqual({ partitions, generationId: -1 })
    for (const damaged of [null, encoded.subarray(0, 9), new Uint8Array([255, 255, 255, 255, 1])]) {
      expect(decodeStickyUserData(damaged)).toEqual({ partitions: [], generationId: -1 })
    }
  })
})

describe('commonProtocol', () => {
  it('is the most advanced one that all support', () => {
    const { range, sticky: eager } = builtInAssignors
    expect(commonProtocol([range, cooperativeSticky])).toBe('eager')
    expect(commonProtocol([cooperativeSticky])).toBe('cooperative')
    expect(commonProtocol([eager, { ...range, protocols: ['cooperative'] }])).toBe(undefined)
  })
})
