import { Producer } from '@ottla/producer'
import {
  chosenTarget,
  createTopic,
  type KafkaTarget,
  requires,
  startTarget,
} from '@ottla-test/apache-kafka'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { javaClient, ottlaClient } from './clients.js'
import { MemberGroup } from './member-group.js'

const PARTITIONS = 8
const RECORDS = 80

type MemberKind = 'java' | 'ottla'

const clients = { java: javaClient, ottla: ottlaClient }
const other = (kind: MemberKind): MemberKind => (kind === 'java' ? 'ottla' : 'java')

/** Two members never had the same partition at the same time. */
const expectOneOwner = ({ ownerships }: MemberGroup): void => {
  const sorted = [...ownerships].sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const inTurn = sorted.filter((one) => one.partition === partition)
    for (const [index, later] of inTurn.entries()) {
      const earlier = inTurn[index - 1]
      if (earlier === undefined) continue
      const what = `${later.member} has ${partition} when ${earlier.member} has given it up`
      expect(later.fromMs, what).toBeGreaterThanOrEqual(earlier.toMs)
    }
  }
}

describe.runIf(requires('java', 'maven'))('a group of Java and Ottla members', () => {
  let target: KafkaTarget
  let group: MemberGroup | undefined

  beforeAll(async () => {
    target = await startTarget(chosenTarget(), {
      configs: { 'group.initial.rebalance.delay.ms': '0' },
    })
  })
  afterEach(() => group?.end())
  afterAll(() => target?.remove())

  /** Every partition at one member, everyone with a fair share. */
  const isShared = (members: MemberGroup): boolean => {
    const shares = Object.values(members.shares)
    const all = shares.flat()
    const least = Math.floor(PARTITIONS / shares.length)
    return (
      all.length === PARTITIONS &&
      new Set(all).size === PARTITIONS &&
      shares.every(({ length }) => length === least || length === least + 1)
    )
  }

  const produce = async (topic: string, round: number): Promise<string[]> => {
    const { bootstrapServers } = target
    const values = Array.from({ length: RECORDS }, (_, index) => `${round}-${index}`)
    const producer = new Producer({ bootstrapServers })
    const records = values.map((value, index) => ({ topic, partition: index % PARTITIONS, value }))
    await producer.send(records)
    await producer.close()
    return values
  }

  test.each([
    ['range', 'java'],
    ['range', 'ottla'],
    ['cooperative-sticky', 'java'],
    ['cooperative-sticky', 'ottla'],
  ] as const)('%s, led by %s: every partition has one owner', async (assignor, first) => {
    const topic = `mixed-${assignor}-${first}`
    const second = other(first)
    await createTopic(target.bootstrapServers, topic, PARTITIONS)
    const members = new MemberGroup({
      bootstrap: target.bootstrapServers,
      topic,
      group: topic,
      assignor,
    })
    const join = async (kind: MemberKind, name: string): Promise<void> =>
      members.join(name, await clients[kind].prepare())
    group = members
    let round = 0
    const expectAllRead = async (times?: number): Promise<void> => {
      await members.until(
        () => 'shared',
        () => isShared(members),
      )
      const values = await produce(topic, round++)
      const timesRead = (): Map<string | null, number> => {
        const counts = new Map<string | null, number>()
        for (const { value } of members.records) counts.set(value, (counts.get(value) ?? 0) + 1)
        return counts
      }
      const unread = (): string[] => {
        const counts = timesRead()
        return values.filter((value) => !counts.has(value))
      }
      await members.until(
        () => `read: ${unread().join(' ')}`,
        () => unread().length === 0,
      )
      if (times !== undefined) {
        const counts = timesRead()
        expect(values.filter((value) => counts.get(value) !== times)).toEqual([])
      }
    }
    await join(first, 'leader')
    await expectAllRead(1)
    await join(second, 'second')
    await expectAllRead(1)
    await join(first, 'third')
    await join(second, 'fourth')
    await expectAllRead(1)
    await members.leave('second')
    await expectAllRead(1)
    await members.kill('leader')
    await expectAllRead()
    await join(first, 'fifth')
    await expectAllRead()
    await members.kill('fourth')
    await expectAllRead()
    expectOneOwner(members)
  })
})
