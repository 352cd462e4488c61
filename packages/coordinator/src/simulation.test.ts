import { ErrorCode } from '@ottla/protocol'
import { expect, test } from 'vitest'
import { Harness } from '../test/harness.js'
import { commit, offsetsOf } from '../test/requests.js'
import { type Decisions, SimulatedMember } from '../test/simulated-member.js'

const memberCount = 5
const partitions = ['t0', 't1', 't2', 't3', 't4', 't5', 't6']
const stepsPerSeed = 400

/** Numbers that look random and are the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** One life of a group: members join, leave, crash and come back; appends are slow or fail; the coordinator restarts. */
class Simulation {
  readonly harness = new Harness({ groupInitialRebalanceDelayMs: 100, groupMinSessionTimeoutMs: 1 })
  readonly members: SimulatedMember[]
  readonly acked = new Map<string, bigint>()
  private readonly decisions: Decisions = { partitions, byGeneration: new Map() }
  private readonly pick: (below: number) => number
  private newestGeneration = 0
  private nextOffset = 1n

  constructor(seed: number) {
    this.pick = seeded(seed)
    this.harness.autoCommit = false
    this.members = Array.from(
      { length: memberCount },
      (_, index) => new SimulatedMember(`m${index}`, index >= 3, this.harness, this.decisions),
    )
  }

  /** Something happens. */
  step(): void {
    const member = this.members[this.pick(memberCount)]
    const dice = this.pick(100)
    if (member === undefined) return
    if (dice < 55) member.step()
    else if (dice < 70) this.harness.advance(this.pick(300))
    else if (dice < 84) this.harness.commitAppends()
    else if (dice < 93) this.commit(member)
    else if (dice < 95) member.leave()
    else if (dice < 97) member.crash()
    else if (dice < 98) this.harness.commitAppends(ErrorCode.NOT_ENOUGH_REPLICAS)
    else if (dice < 99) this.restart()
    else this.harness.advance(2000)
  }

  /** No more trouble: everyone steps until the group is stable. */
  settle(): boolean {
    for (let round = 0; round < 60; round++) {
      for (const member of this.members) member.step()
      this.harness.commitAppends()
      this.harness.advance(200)
      if (this.members.every(({ phase }) => phase.kind === 'owning') && round > 30) return true
    }
    return false
  }

  check(): void {
    const group = this.harness.machine.groups()[0]
    if (group === undefined) return
    if (group.generationId < this.newestGeneration) throw new Error('the generation went back')
    this.newestGeneration = group.generationId
    const owners = new Map<string, string>()
    for (const member of this.members) {
      if (member.phase.kind !== 'owning' || member.generationId !== group.generationId) continue
      for (const partition of member.phase.partitions) {
        if (owners.has(partition)) throw new Error(`${partition} is owned twice`)
        owners.set(partition, member.memberId)
      }
    }
  }

  private commit(member: SimulatedMember): void {
    if (member.phase.kind !== 'owning') return
    const topic = partitions[this.pick(partitions.length)] ?? ''
    const offset = this.nextOffset++
    const asked = this.harness.ask(
      'offsetCommit',
      commit(
        { [topic]: offset },
        { memberId: member.memberId, generationIdOrMemberEpoch: member.generationId },
      ),
    )
    this.harness.commitAppends()
    if (asked.response?.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE) {
      this.acked.set(topic, offset)
    }
  }

  private restart(): void {
    this.harness.unload(ErrorCode.NOT_COORDINATOR)
    // Every request that waited was answered.
    expect(this.harness.unanswered).toBe(0)
    this.harness.restart()
    // A generation whose assignment was never stored is forgotten, and so is what was said in it.
    this.newestGeneration = this.harness.machine.groups()[0]?.generationId ?? 0
    for (const generation of [...this.decisions.byGeneration.keys()]) {
      if (generation > this.newestGeneration) this.decisions.byGeneration.delete(generation)
    }
    for (const member of this.members) member.disconnect(this.newestGeneration)
  }
}

test('members, crashes, failing appends and restarts keep the rules', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const simulation = new Simulation(seed)
    try {
      for (let step = 0; step < stepsPerSeed; step++) {
        simulation.step()
        simulation.check()
      }
      expect(simulation.settle(), 'the group becomes stable').toBe(true)
      simulation.check()
      const owned = simulation.members.flatMap(({ phase }) =>
        phase.kind === 'owning' ? phase.partitions : [],
      )
      expect([...owned].sort(), 'every partition is owned once').toEqual(partitions)
      expect(offsetsOf(simulation.harness)).toEqual(Object.fromEntries(simulation.acked))
      expect(simulation.harness.unanswered).toBe(0)
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
})
