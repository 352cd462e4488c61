import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AssignorMember, AssignorPartition } from './assignor.js'
import { rangeAssignor } from './range.js'

const member = (
  memberId: string,
  topics: readonly string[],
  extra: Partial<AssignorMember> = {},
): AssignorMember => ({
  memberId,
  groupInstanceId: null,
  topics,
  ownedPartitions: [],
  generationId: -1,
  rackId: null,
  userData: null,
  ...extra,
})

const topic = (count: number, racks: readonly (readonly string[])[] = []): AssignorPartition[] =>
  Array.from({ length: count }, (_, partition) => ({
    partition,
    racks: racks.length === 0 ? [] : (racks[partition % racks.length] ?? []),
  }))

const assign = (members: AssignorMember[], topics: Record<string, AssignorPartition[]>) =>
  Object.fromEntries(
    [...rangeAssignor.assign(members, new Map(Object.entries(topics)))].map(([id, partitions]) => [
      id,
      partitions.map(({ topic: name, partition }) => `${name}${partition}`).join(' '),
    ]),
  )

describe('rangeAssignor', () => {
  it('gives consecutive runs, the first members one more', () => {
    const members = [member('b', ['t']), member('a', ['t']), member('c', ['t'])]
    expect(assign(members, { t: topic(7) })).toEqual({ a: 't0 t1 t2', b: 't3 t4', c: 't5 t6' })
  })

  it('co-partitions topics of the same size', () => {
    const members = [member('a', ['s', 't']), member('b', ['s', 't'])]
    expect(assign(members, { s: topic(3), t: topic(3) })).toEqual({
      a: 's0 s1 t0 t1',
      b: 's2 t2',
    })
  })

  it('gives nothing to members beyond the number of partitions', () => {
    const members = [member('a', ['t']), member('b', ['t'])]
    expect(assign(members, { t: topic(1) })).toEqual({ a: 't0', b: '' })
  })

  it('leaves out topics that nobody wants or that do not exist', () => {
    expect(assign([member('a', ['gone'])], { t: topic(2) })).toEqual({ a: '' })
  })

  it('puts static members first, by instance id', () => {
    const members = [
      member('a', ['t']),
      member('z', ['t'], { groupInstanceId: 'two' }),
      member('y', ['t'], { groupInstanceId: 'one' }),
    ]
    expect(assign(members, { t: topic(3) })).toEqual({ y: 't0', z: 't1', a: 't2' })
  })

  it('prefers members in a rack that holds a replica', () => {
    const members = [member('a', ['t'], { rackId: 'r1' }), member('b', ['t'], { rackId: 'r2' })]
    expect(assign(members, { t: topic(4, [['r2'], ['r1']]) })).toEqual({ a: 't1 t3', b: 't0 t2' })
  })

  it('keeps topics co-partitioned while it looks at racks', () => {
    const members = [
      member('a', ['s', 't'], { rackId: 'r1' }),
      member('b', ['s', 't'], { rackId: 'r2' }),
    ]
    const racks = [['r2'], ['r1']]
    expect(assign(members, { s: topic(4, racks), t: topic(4, racks) })).toEqual({
      a: 's1 s3 t1 t3',
      b: 's0 s2 t0 t2',
    })
  })

  it('does not look at racks when every partition has a replica in all of them', () => {
    const members = [member('a', ['t'], { rackId: 'r2' }), member('b', ['t'], { rackId: 'r1' })]
    expect(assign(members, { t: topic(2, [['r1', 'r2']]) })).toEqual({ a: 't0', b: 't1' })
  })

  it('gives what the RangeAssignor of kafka-clients 4.4.0 gave for random groups, half of them with racks', () => {
    const url = new URL('fixtures/range-assignments.jsonl', import.meta.url)
    for (const line of readFileSync(url, 'utf8').trim().split('\n')) {
      const { topics, members, result } = JSON.parse(line) as JavaCase
      const layout = Object.entries(topics).map(
        ([name, racks]) =>
          [name, racks.map((list, partition) => ({ partition, racks: list }))] as const,
      )
      const assigned = rangeAssignor.assign(
        members.map(({ memberId, topics: wanted, ...rest }) => member(memberId, wanted, rest)),
        new Map(layout),
      )
      const names = [...assigned].map(
        ([id, list]) => [id, list.map((one) => `${one.topic}-${one.partition}`).sort()] as const,
      )
      expect(Object.fromEntries(names), line).toEqual(result)
    }
  })
})

/** Replica racks per topic and partition, members, and partitions per member. */
interface JavaCase {
  readonly topics: Readonly<Record<string, readonly (readonly string[])[]>>
  readonly members: readonly Pick<
    AssignorMember,
    'memberId' | 'groupInstanceId' | 'rackId' | 'topics'
  >[]
  readonly result: Readonly<Record<string, readonly string[]>>
}
