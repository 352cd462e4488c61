import { ConnectionError, ErrorCode } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { createGroupMachine, nextTickMs, stepGroup } from './machine.js'
import type { GroupEffect, GroupEvent, GroupMachine, GroupMachineConfig } from './machine-types.js'

const config: GroupMachineConfig = {
  groupId: 'g',
  groupInstanceId: null,
  heartbeatIntervalMs: 3000,
  backoffMs: (failures) => 100 * 2 ** failures,
}

/** Feeds events and remembers the effects of the last one. */
const drive = (overrides: Partial<GroupMachineConfig> = {}) => {
  let machine: GroupMachine = createGroupMachine()
  let nowMs = 0
  const driver = {
    effects: [] as readonly GroupEffect[],
    get machine() {
      return machine
    },
    get phase() {
      return machine.phase
    },
    at(ms: number) {
      nowMs = ms
      return driver
    },
    send(event: GroupEvent) {
      const step = stepGroup(machine, event, nowMs, { ...config, ...overrides })
      machine = step.machine
      driver.effects = step.effects
      return driver.effects.map(({ type }) => type)
    },
    joined(answer: Partial<GroupEvent & { type: 'joined' }> = {}) {
      return driver.send({
        type: 'joined',
        requestId: machine.requestCount,
        errorCode: 0,
        memberId: 'm',
        generationId: 1,
        leader: 'other',
        protocolName: 'range',
        skipAssignment: false,
        members: [],
        ...answer,
      })
    },
    synced(errorCode = 0) {
      const requestId = machine.requestCount
      const partitions = errorCode === 0 ? [{ topic: 't', partition: 0 }] : []
      return driver.send({ type: 'synced', requestId, errorCode, partitions })
    },
    heartbeat(errorCode: number) {
      const atMs = nextTickMs(machine)
      if (atMs !== undefined) driver.at(atMs).send({ type: 'tick' })
      return driver.send({
        type: 'heartbeatAnswered',
        requestId: machine.requestCount,
        errorCode,
      })
    },
    stable() {
      driver.send({ type: 'join' })
      driver.joined()
      driver.synced()
      return driver
    },
  }
  return driver
}

describe('joining', () => {
  it('takes the id the coordinator gives and joins again with it', () => {
    const member = drive()
    expect(member.send({ type: 'join' })).toEqual(['sendJoin'])
    member.joined({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'given' })
    expect(member.effects).toEqual([{ type: 'sendJoin', requestId: 2, memberId: 'given' }])
  })

  it('syncs without assignments as a follower', () => {
    const member = drive()
    member.send({ type: 'join' })
    expect(member.joined()).toEqual(['sendSync'])
    expect(member.synced()).toEqual(['assigned'])
    expect(member.phase.kind).toBe('stable')
  })

  it('computes assignments as the leader, and not when told to skip it', () => {
    const leader = drive()
    leader.send({ type: 'join' })
    expect(leader.joined({ leader: 'm' })).toEqual(['computeAssignment'])
    expect(leader.send({ type: 'computed', assignments: new Map() })).toEqual(['sendSync'])

    const returned = drive()
    returned.send({ type: 'join' })
    expect(returned.joined({ leader: 'm', skipAssignment: true })).toEqual(['sendSync'])
  })

  it('waits longer after each failure, and finds the coordinator again', () => {
    const member = drive()
    member.send({ type: 'join' })
    const error = new ConnectionError('gone')
    for (const pauseMs of [100, 200, 400]) {
      const nowMs = nextTickMs(member.machine) ?? 0
      member.at(nowMs).send({ type: 'tick' })
      const { requestCount: requestId } = member.machine
      expect(member.send({ type: 'requestFailed', requestId, error })).toEqual([
        'forgetCoordinator',
      ])
      expect(nextTickMs(member.machine)).toBe(nowMs + pauseMs)
    }
  })

  it('ignores answers to requests that no longer count', () => {
    const member = drive().stable()
    expect(member.joined({ requestId: 1 })).toEqual([])
    expect(member.synced(ErrorCode.UNKNOWN_MEMBER_ID)).toEqual([])
    expect(member.phase.kind).toBe('stable')
  })

  it('fails for good on errors that no repetition cures', () => {
    const member = drive()
    member.send({ type: 'join' })
    expect(member.joined({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL })).toEqual(['failed'])
  })

  it('joins again when the group moved on before it synced', () => {
    const member = drive()
    member.send({ type: 'join' })
    member.joined()
    expect(member.synced(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual(['sendJoin'])
    member.joined({ generationId: 2 })
    expect(member.synced(ErrorCode.ILLEGAL_GENERATION)).toEqual(['sendJoin'])
    expect(member.machine.identity).toEqual({ memberId: 'm', generationId: -1 })
  })
})

describe('heartbeats', () => {
  it('go on at the interval while partitions are given up', () => {
    const member = drive().stable()
    expect(nextTickMs(member.machine)).toBe(3000)
    expect(member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual(['release'])
    expect(member.phase.kind).toBe('releasing')
    expect(member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual([])
    expect(member.send({ type: 'released' })).toEqual(['sendJoin'])
  })

  it('lose partitions when the group went on without us', () => {
    for (const [code, memberId] of [
      [ErrorCode.ILLEGAL_GENERATION, 'm'],
      [ErrorCode.UNKNOWN_MEMBER_ID, ''],
    ] as const) {
      const member = drive().stable()
      member.heartbeat(code)
      expect(member.effects).toMatchObject([{ type: 'release', lost: true }])
      expect(member.machine.identity).toEqual({ memberId, generationId: -1 })
      expect(member.send({ type: 'released' })).toEqual(['sendJoin'])
    }
  })

  it('keep the partitions when the coordinator moves or does not answer', () => {
    const member = drive().stable()
    expect(member.heartbeat(ErrorCode.NOT_COORDINATOR)).toEqual(['forgetCoordinator'])
    expect(nextTickMs(member.machine)).toBe(3100)
    member.at(3100).send({ type: 'tick' })
    const { requestCount: requestId } = member.machine
    const error = new ConnectionError('gone')
    expect(member.send({ type: 'requestFailed', requestId, error })).toEqual(['forgetCoordinator'])
    expect(member.phase.kind).toBe('stable')
  })

  it('end when another member has the same instance id', () => {
    const member = drive({ groupInstanceId: 'i' }).stable()
    member.heartbeat(ErrorCode.FENCED_INSTANCE_ID)
    expect(member.effects).toMatchObject([{ type: 'failed', error: { code: 'OTTLA_FENCED' } }])
  })

  it('learn of a lost generation from a refused commit, once', () => {
    const member = drive().stable()
    const refused = { type: 'commitRefused', generationId: 1, errorCode: 22 } as const
    expect(member.send(refused)).toEqual(['release'])
    expect(member.send(refused)).toEqual([])
  })
})

describe('leaving', () => {
  it('gives partitions up first', () => {
    const member = drive().stable()
    expect(member.send({ type: 'leave' })).toEqual(['release'])
    expect(member.send({ type: 'released' })).toEqual(['sendLeave'])
    const { requestCount: requestId } = member.machine
    expect(member.send({ type: 'leftGroup', requestId })).toEqual(['left'])
    expect(member.machine.identity.memberId).toBe('')
  })

  it('does not wait for a JoinGroup that is held up by others', () => {
    const member = drive()
    member.send({ type: 'join' })
    member.joined({ errorCode: ErrorCode.MEMBER_ID_REQUIRED })
    expect(member.send({ type: 'leave' })).toEqual(['sendLeave'])
    expect(member.joined()).toEqual([])
  })

  it('sends nothing as a static member', () => {
    const member = drive({ groupInstanceId: 'i' }).stable()
    member.send({ type: 'leave' })
    expect(member.send({ type: 'released' })).toEqual(['left'])
  })

  it('counts as done when the request is lost', () => {
    const member = drive().stable()
    member.send({ type: 'leave' })
    member.send({ type: 'released' })
    const { requestCount: requestId } = member.machine
    const error = new ConnectionError('gone')
    expect(member.send({ type: 'requestFailed', requestId, error })).toEqual(['left'])
  })
})

describe('pausing', () => {
  it('hands the partitions to others at once and joins again when asked', () => {
    const member = drive().stable()
    expect(member.send({ type: 'pause' })).toEqual(['sendLeave', 'release'])
    expect(member.effects[1]).toMatchObject({ lost: true })
    expect(member.send({ type: 'join' })).toEqual([])
    expect(member.send({ type: 'released' })).toEqual([])
    expect(member.phase.kind).toBe('unjoined')
    expect(member.send({ type: 'join' })).toEqual(['sendJoin'])
  })
})
