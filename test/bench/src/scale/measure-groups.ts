import {
  Fetch,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  OffsetCommit,
  SyncGroup,
} from '@ottla/protocol'
import { BrokerProcess, cpuPercentOf, pause } from './broker-process.ts'
import { Caller } from './caller.ts'
import type { Figure } from './figure.ts'

const groups = 200
const heartbeatMs = 3000
const commitMs = 5000
const fetchWaitMs = 500
const topic = 'groups'
const noBytes = Buffer.alloc(0)

/** Two hundred consumers, each alone in its group, with nothing to read. */
export async function measureGroups(node: string, folder: string): Promise<Figure[]> {
  const args = ['--data-dir', `${folder}/groups`]
  const config = ['--config', 'group.initial.rebalance.delay.ms=0']
  const broker = await BrokerProcess.start(node, [...args, ...config])
  const setUp = await Caller.open(broker.address)
  await setUp.createTopics([topic], groups)
  setUp.close()
  const members = await Promise.all(
    Array.from({ length: groups }, (_, index) => Member.join(broker.address, index)),
  )
  for (const member of members) member.begin()
  await pause(commitMs)
  const value = await cpuPercentOf(broker, 15)
  const requests = members.reduce((sum, member) => sum + member.end(), 0)
  if (requests < groups * 30) throw new Error(`only ${requests} requests were answered`)
  await broker.end('SIGKILL')
  const what = '200 groups of one member: heartbeats, commits, empty fetches'
  return [{ what, value, unit: '% of a core', limit: 10 }]
}

interface Membership {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
}

/** A consumer as the broker sees it. */
class Member {
  readonly #index: number
  readonly #caller: Caller
  readonly #fetcher: Caller
  readonly #group: Membership
  readonly #timers: NodeJS.Timeout[] = []
  #answers = 0
  #isEnded = false

  private constructor(index: number, callers: readonly [Caller, Caller], group: Membership) {
    this.#index = index
    this.#caller = callers[0]
    this.#fetcher = callers[1]
    this.#group = group
  }

  static async join(address: string, index: number): Promise<Member> {
    const callers = [await Caller.open(address), await Caller.open(address)] as const
    const groupId = `group-${index}`
    const found = await callers[0].call(FindCoordinator, 1, { key: groupId, keyType: 0 })
    check(found.errorCode, 'FindCoordinator')
    const joined = await callers[0].call(JoinGroup, 2, {
      groupId,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 60_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: noBytes }],
    })
    check(joined.errorCode, 'JoinGroup')
    const { generationId, memberId } = joined
    const { errorCode } = await callers[0].call(SyncGroup, 1, {
      groupId,
      generationId,
      memberId,
      assignments: [{ memberId, assignment: noBytes }],
    })
    check(errorCode, 'SyncGroup')
    return new Member(index, callers, { groupId, generationId, memberId })
  }

  /** Spread over the interval, as consumers are that started at different times. */
  begin(): void {
    this.#every(heartbeatMs, async () => {
      const { errorCode } = await this.#caller.call(Heartbeat, 1, this.#group)
      check(errorCode, 'Heartbeat')
    })
    this.#every(commitMs, async () => {
      const { groupId, generationId, memberId } = this.#group
      const partition = { partitionIndex: this.#index, committedOffset: 0n, committedMetadata: '' }
      const { topics } = await this.#caller.call(OffsetCommit, 7, {
        groupId,
        generationIdOrMemberEpoch: generationId,
        memberId,
        topics: [{ name: topic, partitions: [partition] }],
      })
      check(topics[0]?.partitions[0]?.errorCode ?? -1, 'OffsetCommit')
    })
    void this.#fetch()
  }

  /** @returns how many requests were answered. */
  end(): number {
    this.#isEnded = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#caller.close()
    this.#fetcher.close()
    return this.#answers
  }

  #every(ms: number, act: () => Promise<void>): void {
    const next = async (): Promise<void> => {
      await act()
      this.#answers++
      if (!this.#isEnded) this.#timers.push(setTimeout(() => void next(), ms))
    }
    this.#timers.push(setTimeout(() => void next(), (this.#index * ms) / groups))
  }

  /** Empty fetches in a session, one after the other. */
  async #fetch(): Promise<void> {
    let session = { sessionId: 0, sessionEpoch: 0 }
    while (!this.#isEnded) {
      const partition = { partition: this.#index, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }
      const topics = session.sessionEpoch === 0 ? [{ topic, partitions: [partition] }] : []
      const { errorCode, sessionId } = await this.#fetcher.call(Fetch, 11, {
        maxWaitMs: fetchWaitMs,
        minBytes: 1,
        maxBytes: 50 << 20,
        ...session,
        topics,
      })
      check(errorCode, 'Fetch')
      session = { sessionId, sessionEpoch: session.sessionEpoch + 1 }
      this.#answers++
    }
  }
}

function check(errorCode: number, what: string): void {
  if (errorCode !== 0) throw new Error(`${what}: error ${errorCode}`)
}
