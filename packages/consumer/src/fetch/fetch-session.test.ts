import { describe, expect, it } from 'vitest'
import { AssignedPartition } from './assigned-partition.js'
import { FetchSession, type FetchTarget } from './fetch-session.js'

const idOf = (topic: string): string => `00000000-0000-4000-8000-00000000000${topic.length}`

/** A session over partitions of topics `t` and `tt`, and what metadata says of them. */
const create = () => {
  const targets = new Map<AssignedPartition, FetchTarget>()
  const wanted = new Set<AssignedPartition>()
  const session = new FetchSession()
  const partition = (topic: string, number: number): AssignedPartition => {
    const created = Object.assign(new AssignedPartition(topic, number), { fetchOffset: 0 })
    targets.set(created, { topicId: idOf(topic), leaderEpoch: 3 })
    return created
  }
  const build = (version = 17) => {
    const targetOf = (one: AssignedPartition) => targets.get(one) as FetchTarget
    const body = session.build(version, wanted, 1000, targetOf)
    return {
      session: `${body.sessionId}:${body.sessionEpoch}`,
      asks: body.topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition: number, fetchOffset }) => `${topic}-${number}@${fetchOffset}`),
      ),
      forgets: (body.forgottenTopicsData ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((number) => `${topic}-${number}`),
      ),
    }
  }
  const add = (...partitions: AssignedPartition[]): void => {
    for (const one of partitions) {
      wanted.add(one)
      session.add(one)
    }
  }
  const remove = (one: AssignedPartition): void => {
    wanted.delete(one)
    session.remove(one)
  }
  return { session, targets, partition, add, remove, build }
}

describe('FetchSession', () => {
  it('names all partitions once, then only what changes', () => {
    const { session, partition, add, remove, build } = create()
    const [a, b, c] = [partition('t', 0), partition('t', 1), partition('tt', 0)]
    add(a, b)
    expect(build()).toEqual({ session: '0:0', asks: ['t-0@0', 't-1@0'], forgets: [] })
    session.accept(77)
    expect(build()).toEqual({ session: '77:1', asks: [], forgets: [] })
    session.accept(77)
    // Records came for one: taken out and put in again, at another offset.
    a.fetchOffset = 10
    remove(a)
    add(a)
    add(c)
    expect(build()).toEqual({ session: '77:2', asks: ['t-0@10', 'tt-0@0'], forgets: [] })
    session.accept(77)
    remove(b)
    expect(build()).toEqual({ session: '77:3', asks: [], forgets: ['t-1'] })
    session.accept(77)
    expect(build()).toEqual({ session: '77:4', asks: [], forgets: [] })
  })

  it('tells nothing twice of a partition that went and came back unchanged', () => {
    const { session, partition, add, remove, build } = create()
    const a = partition('t', 0)
    add(a)
    build()
    session.accept(7)
    remove(a)
    add(a)
    expect(build()).toEqual({ session: '7:1', asks: [], forgets: [] })
  })

  it('tells of a new leader epoch', () => {
    const { session, partition, add, targets, build } = create()
    const a = partition('t', 0)
    add(a)
    build()
    session.accept(7)
    targets.set(a, { topicId: idOf('t'), leaderEpoch: 4 })
    session.add(a)
    expect(build().asks).toEqual(['t-0@0'])
  })

  it('goes on with full requests when the broker has no room for a session', () => {
    const { session, partition, add, build } = create()
    add(partition('t', 0))
    for (let round = 0; round < 3; round++) {
      expect(build()).toEqual({ session: '0:0', asks: ['t-0@0'], forgets: [] })
      session.accept(0)
    }
  })

  it('opens a new session in place of the old one when the two sides may differ', () => {
    const { session, partition, add, build } = create()
    add(partition('t', 0))
    build()
    session.accept(7)
    session.renew()
    expect(build()).toEqual({ session: '7:0', asks: ['t-0@0'], forgets: [] })
    session.accept(8)
    expect(build().session).toBe('8:1')
  })

  it('names no session that the broker does not know', () => {
    const { session, partition, add, build } = create()
    add(partition('t', 0))
    build()
    session.accept(7)
    session.forget()
    expect(build()).toEqual({ session: '0:0', asks: ['t-0@0'], forgets: [] })
  })

  it('begins anew when a topic was created anew', () => {
    const { session, partition, add, targets, build } = create()
    const [a, b] = [partition('t', 0), partition('tt', 0)]
    add(a, b)
    build()
    session.accept(7)
    targets.set(a, { topicId: idOf('other'), leaderEpoch: 0 })
    session.add(a)
    expect(build()).toEqual({ session: '7:0', asks: ['t-0@0', 'tt-0@0'], forgets: [] })
  })

  it('begins anew when topics go by name after they went by id', () => {
    const { session, partition, add, build } = create()
    add(partition('t', 0))
    build(13)
    session.accept(7)
    expect(build(12)).toEqual({ session: '7:0', asks: ['t-0@0'], forgets: [] })
  })

  it('has none with brokers that know none', () => {
    const { session, partition, add, build } = create()
    add(partition('t', 0))
    expect(build(6)).toEqual({ session: '0:-1', asks: ['t-0@0'], forgets: [] })
    session.accept(0)
    expect(build(6)).toEqual({ session: '0:-1', asks: ['t-0@0'], forgets: [] })
  })

  it('remembers what was asked, to tell a late answer from a fitting one', () => {
    const { session, partition, add, build } = create()
    const a = partition('t', 0)
    add(a)
    build()
    session.accept(7)
    a.moveTo(50)
    expect(session.asked(a)).toMatchObject({ fetchOffset: 0, epoch: 0 })
    session.add(a)
    build()
    expect(session.asked(a)).toMatchObject({ fetchOffset: 50, epoch: 1 })
  })
})
