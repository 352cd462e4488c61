import {
  DescribeGroups,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  SyncGroup,
} from '@ottla/protocol'
import { request } from '@ottla-test/apache-kafka'

const groupId = 'members'
const topic = 'consumed'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const zeroId = '00000000-0000-0000-0000-000000000000'

/** One answer, told without what is random: members are named in the order of their appearance. */
export interface Told {
  readonly step: string
  readonly answer: unknown
}

/** A member: what identifies it. */
interface Identity {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Speaks to one group as its members do, and writes down what they hear. */
class Scenario {
  readonly told: Told[] = []
  readonly #address: string
  readonly #names = new Map<string, string>()

  constructor(address: string) {
    this.#address = address
  }

  join(
    step: string,
    identity: Identity,
    protocols: Readonly<Record<string, string>> = { range: 'topics' },
    version = 9,
  ): Promise<JoinGroupAnswer> {
    const body = {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      ...identity,
      protocolType: 'consumer',
      protocols: Object.entries(protocols).map(([name, metadata]) => ({
        name,
        metadata: bytes(metadata),
      })),
      reason: null,
    }
    return this.#tell(step, request(this.#address, JoinGroup, version, body, 20_000))
  }

  sync(
    step: string,
    identity: Identity,
    generationId: number,
    assignments: Readonly<Record<string, string>> = {},
    protocolName = 'range',
  ): Promise<unknown> {
    const body = {
      groupId,
      generationId,
      ...identity,
      protocolType: 'consumer',
      protocolName,
      assignments: Object.entries(assignments).map(([memberId, assignment]) => ({
        memberId,
        assignment: bytes(assignment),
      })),
    }
    return this.#tell(step, request(this.#address, SyncGroup, 5, body, 20_000))
  }

  heartbeat(step: string, identity: Identity, generationId: number): Promise<unknown> {
    const body = { groupId, generationId, ...identity }
    return this.#tell(step, request(this.#address, Heartbeat, 4, body))
  }

  commit(step: string, identity: Identity, generationIdOrMemberEpoch: number): Promise<unknown> {
    const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }]
    const body = {
      groupId,
      generationIdOrMemberEpoch,
      ...identity,
      topics: [{ name: topic, topicId: zeroId, partitions }],
    }
    return this.#tell(step, request(this.#address, OffsetCommit, 9, body))
  }

  leave(step: string, ...members: readonly Identity[]): Promise<unknown> {
    const left = members.map((member) => ({ ...member, reason: 'test' }))
    return this.#tell(step, request(this.#address, LeaveGroup, 5, { groupId, members: left }))
  }

  describe(step: string): Promise<unknown> {
    const body = { groups: [groupId], includeAuthorizedOperations: false }
    return this.#tell(step, request(this.#address, DescribeGroups, 6, body))
  }

  async #tell<Answer>(step: string, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked
    this.told.push({ step, answer: this.#plain(answer) })
    return answer
  }

  /** Member ids as names, bytes as text; members in the order of their names. */
  #plain(value: unknown): unknown {
    if (typeof value === 'string') return this.#named(value)
    if (value instanceof Uint8Array) return new TextDecoder().decode(value)
    if (Array.isArray(value)) {
      const items = value.map((each) => this.#plain(each))
      return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    }
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([name]) => name !== 'topicId')
    return Object.fromEntries(kept.map(([name, each]) => [name, this.#plain(each)]))
  }

  #named(text: string): string {
    if (!/-[0-9a-zA-Z_-]{22,36}$/.test(text)) return text
    const name = this.#names.get(text) ?? `member ${this.#names.size + 1}`
    this.#names.set(text, name)
    return name
  }
}

type JoinGroupAnswer = Awaited<
  ReturnType<typeof request<typeof JoinGroup.request, typeof JoinGroup.response>>
>

const as = (memberId: string, groupInstanceId: string | null = null): Identity => ({
  memberId,
  groupInstanceId,
})

/** A static member that restarts: it takes its place again, and its former self is fenced (KIP-345, KIP-814). */
async function restarts(scenario: Scenario): Promise<{ memberId: string; generationId: number }> {
  const first = await scenario.join('a static member joins', as('', 'one'))
  const firstId = as(first.memberId, 'one')
  await scenario.sync('it assigns', firstId, 1, { [first.memberId]: 'all' })
  await scenario.heartbeat('it lives', firstId, 1)
  const second = await scenario.join('it restarts', as('', 'one'))
  await scenario.heartbeat('its former self lives', firstId, 1)
  await scenario.sync('its former self syncs', firstId, 1)
  await scenario.commit('its former self commits', firstId, 1)
  await scenario.leave('its former self leaves', firstId)
  await scenario.join('its former self joins', firstId)
  const secondId = as(second.memberId, 'one')
  await scenario.sync('it gets its assignment', secondId, 1)
  const third = await scenario.join('it restarts, v5', as('', 'one'), { range: 'topics' }, 5)
  await scenario.sync('it gets its assignment again', as(third.memberId, 'one'), 1)
  const more = { range: 'more topics' }
  const fourth = await scenario.join('it restarts with other topics', as('', 'one'), more)
  const other = { roundrobin: 'topics', range: 'topics' }
  const fifth = await scenario.join('it restarts with another protocol', as('', 'one'), other)
  const fifthId = as(fifth.memberId, 'one')
  await scenario.sync('by the wrong protocol', fifthId, fifth.generationId)
  const plan = { [fifth.memberId]: 'all' }
  await scenario.sync('it assigns anew', fifthId, fifth.generationId, plan, 'roundrobin')
  await scenario.heartbeat('another generation', fifthId, fourth.generationId - 1)
  return fifth
}

/** A dynamic member joins, both share, and both leave. */
async function shares(
  scenario: Scenario,
  { memberId, generationId }: { memberId: string; generationId: number },
): Promise<void> {
  const one = as(memberId, 'one')
  await scenario.join('no protocol in common', as(''), { sticky: 'topics' })
  const both = { roundrobin: 'topics', range: 'topics' }
  const { memberId: otherId } = await scenario.join('a dynamic member asks', as(''), both)
  const other = as(otherId)
  await scenario.heartbeat('a pending member lives', other, generationId)
  const waiting = scenario.join('it joins', other, both)
  while (
    ((await scenario.heartbeat('the first waits', one, generationId)) as { errorCode: number })
      .errorCode !== 27
  ) {
    scenario.told.pop()
  }
  await scenario.commit('a commit while joining', one, generationId)
  const next = scenario.told.length
  const [again] = await Promise.all([scenario.join('the first joins again', one, both), waiting])
  sortFrom(scenario.told, next)
  await scenario.commit('a commit without assignment', one, again.generationId)
  await scenario.describe('nobody has assigned')
  const synced = scenario.sync('the follower waits', other, again.generationId, {}, 'roundrobin')
  const at = scenario.told.length
  const plan = { [memberId]: 'half', [otherId]: 'rest' }
  const assigned = scenario.sync('the leader assigns', one, again.generationId, plan, 'roundrobin')
  await Promise.all([synced, assigned])
  sortFrom(scenario.told, at)
  await scenario.commit('a commit', other, again.generationId)
  await scenario.commit('a commit of the past', other, generationId)
  await scenario.leave('they leave', other, as('stranger'), as('', 'one'), as('', 'two'))
  await scenario.describe('nobody is left')
}

/** Answers that come at once come in any order. */
function sortFrom(told: Told[], at: number): void {
  const tail = told.splice(at).sort((a, b) => (a.step < b.step ? -1 : 1))
  told.push(...tail)
}

/** A group from its first member to its last. @returns what the members were told. */
export async function tellMembers(address: string): Promise<readonly Told[]> {
  const scenario = new Scenario(address)
  await shares(scenario, await restarts(scenario))
  return scenario.told
}
