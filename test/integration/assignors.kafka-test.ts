import { builtInAssignors, type TopicPartition } from '@ottla/consumer'
import { brokerJars, requires, runJavaProgram } from '@ottla-test/apache-kafka'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AssignorCase, playGroup } from './src/random-groups.js'

type Name = keyof typeof builtInAssignors
type Shares = ReadonlyMap<string, readonly string[]>

/** `OTTLA_SEEDS` plays so many groups per assignor, four rounds each. */
const groupCount = Number(process.env.OTTLA_SEEDS ?? '500')
const seeds = Array.from({ length: groupCount }, (_, index) => index + 1)

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

const toLine = ({ assignor, members, topics }: AssignorCase): string =>
  JSON.stringify({
    assignor,
    topics: Object.fromEntries(
      [...topics].map(([topic, list]) => [topic, list.map(({ racks }) => racks)]),
    ),
    members: members.map((member) => ({
      ...member,
      ownedPartitions: member.ownedPartitions.map(({ topic, partition }) => [topic, partition]),
      userData: member.userData === null ? null : Buffer.from(member.userData).toString('base64'),
    })),
  })

const readShares = (line: string): Shares => {
  const answer = JSON.parse(line) as Record<string, readonly (readonly [string, number])[]>
  return new Map(
    Object.entries(answer).map(([member, list]) => [
      member,
      list.map(([topic, partition]) => nameOf({ topic, partition })).sort(),
    ]),
  )
}

const sharesOf = ({ ours }: AssignorCase): Shares =>
  new Map([...ours].map(([member, list]) => [member, list.map(nameOf).sort()]))

const show = (shares: Shares): string =>
  JSON.stringify([...shares].sort(([a], [b]) => (a < b ? -1 : 1)))

/** How even the shares are: 0 is perfect. */
const unevenness = (shares: Shares): number => {
  const sizes = [...shares.values()].map(({ length }) => length)
  return sizes.reduce((sum, a) => sum + sizes.reduce((part, b) => part + Math.abs(a - b), 0), 0)
}

/** How many partitions stay with whoever had them in the round before. */
const countKept = (before: Shares, shares: Shares): number =>
  [...shares].reduce((sum, [member, list]) => {
    const had = new Set(before.get(member))
    return sum + list.filter((name) => had.has(name)).length
  }, 0)

const total = (shares: Shares): number =>
  [...shares.values()].reduce((sum, { length }) => sum + length, 0)

/** Every partition at most once, only to members that want its topic, and not while someone else still owns it. */
const isValid = ({ members }: AssignorCase, shares: Shares): boolean => {
  const all = [...shares.values()].flat()
  const wanted = new Map(members.map(({ memberId, topics }) => [memberId, new Set(topics)]))
  const owners = new Map(
    members.flatMap(({ memberId, ownedPartitions }) =>
      ownedPartitions.map((partition) => [nameOf(partition), memberId] as const),
    ),
  )
  const isRight = [...shares].every(([member, list]) =>
    list.every((name) => {
      const isWanted = wanted.get(member)?.has(name.slice(0, name.lastIndexOf('-'))) === true
      return isWanted && (owners.get(name) ?? member) === member
    }),
  )
  return isRight && new Set(all).size === all.length
}

describe.runIf(requires('java', 'maven'))(`${groupCount} lives of random groups`, () => {
  const cases: AssignorCase[] = (Object.keys(builtInAssignors) as Name[]).flatMap((name) =>
    seeds.flatMap((seed) => playGroup(name, seed)),
  )
  let answers: readonly string[]

  beforeAll(async () => {
    const input = cases.map(toLine).join('\n')
    const { stdout } = await runJavaProgram(await brokerJars(), 'RunAssignors.java', [], { input })
    answers = stdout.trim().split('\n')
  })

  const rounds = (name: Name) =>
    cases.flatMap((one, index) => {
      const before = cases[index - 1]
      const isLater = before?.seed === one.seed && before.assignor === name
      return one.assignor === name
        ? [
            {
              one,
              place: `${name}, seed ${one.seed}: ${toLine(one)}`,
              ours: sharesOf(one),
              java: readShares(answers[index] as string),
              before: isLater ? sharesOf(before) : new Map<string, string[]>(),
            },
          ]
        : []
    })

  test.each(['range', 'roundrobin'] as const)('%s: the same as in Java', (name) => {
    for (const { ours, java, place } of rounds(name)) expect(show(ours), place).toBe(show(java))
  })

  // In Java, who keeps its surplus hangs on the order of a HashMap; rarely, members get topics they do not want, or (with racks)
  // partitions that have not been given up.
  test('sticky: the same as in Java, or as even, as complete and as sticky', () => {
    const all = rounds('sticky')
    const different = all.filter(({ ours, java }) => show(ours) !== show(java))
    expect(different.length / all.length).toBeLessThan(0.03)
    for (const { one, ours, place } of all) expect(isValid(one, ours), place).toBe(true)
    for (const { one, ours, java, before, place } of different) {
      if (!isValid(one, java)) continue
      expect(total(ours), place).toBe(total(java))
      expect(unevenness(ours), place).toBeLessThanOrEqual(unevenness(java))
      expect(countKept(before, ours), place).toBeGreaterThanOrEqual(countKept(before, java))
    }
  })

  test('cooperative-sticky: the same as in Java, or safe and soon complete', () => {
    const all = rounds('cooperative-sticky')
    const different = all.filter(({ ours, java }) => show(ours) !== show(java))
    expect(different.length / all.length).toBeLessThan(0.03)
    for (const { one, ours, place } of all) {
      expect(isValid(one, ours), place).toBe(true)
      // With racks and different topics, owners lose what is not near, and what moves may not be near its new owner either: as in
      // Java, that can take many rounds.
      if (isMixed(one) && one.members.some(({ rackId }) => rackId !== null)) continue
      const count = [...one.topics.values()].reduce((sum, list) => sum + list.length, 0)
      let round = one
      for (let left = 3; left > 0 && total(sharesOf(round)) < count; left--) {
        round = assignAgain(round)
        expect(isValid(round, sharesOf(round)), place).toBe(true)
      }
      expect(total(sharesOf(round)), place).toBe(count)
    }
  })
})

const isMixed = ({ members }: AssignorCase): boolean =>
  new Set(members.map(({ topics }) => [...topics].sort().join())).size > 1

/** The round after a cooperative one, in which everybody has given up what it was not given. */
const assignAgain = ({ members, topics, ours, ...rest }: AssignorCase): AssignorCase => {
  const next = members.map((member) => ({
    ...member,
    ownedPartitions: ours.get(member.memberId) ?? [],
    generationId: 9,
  }))
  const second = builtInAssignors['cooperative-sticky'].assign(next, topics)
  return { ...rest, members: next, topics, ours: second }
}
