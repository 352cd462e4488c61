import { ConnectionError, ErrorCode, InvalidArgumentError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { createGroupMachine, nextTickMs, stepGroup } from './machine.js'
import type { GroupEffect, GroupEvent, GroupMachine, GroupMachineConfig } from './machine-types.js'

const config: GroupMachineConfig = {
  groupId: 'g',
  groupInstanceId: null,
  protocol: 'eager',
  heartbeatIntervalMs: 3000,
  backoffMs: (failures) => 100 * 2 ** failures,
}

const parts = (...numbers: readonly number[]) =>
  numbers.map((partition) => ({ topic: 't', partition }))

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
    synced(errorCode = 0, numbers: readonly number[] = [0]) {
      const requestId = machine.requestCount
      const partitions = errorCode === 0 ? parts(...numbers) : []
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
    expect(member.effects).toMatchObject([{ type: 'sendJoin', requestId: 2, memberId: 'given' }])
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
    expect(member.effects).toMatchObject([
      { type: 'failed', error: { code: 'OTTLA_FENCED' } },
      { type: 'release', lost: true },
    ])
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

describe('unsubscribing', () => {
  it('leaves when the partitions are given up, and joins again when asked', () => {
    const member = drive().stable()
    expect(member.send({ type: 'unsubscribe', reason: 'no topics' })).toEqual(['release'])
    expect(member.effects[0]).toMatchObject({ lost: false, reason: 'no topics' })
    expect(member.machine.identity.memberId).not.toBe('')
    expect(member.send({ type: 'rejoin', reason: 'too early', unwanted: [] })).toEqual([])
    expect(member.send({ type: 'released' })).toEqual(['sendLeave'])
    expect(member.phase.kind).toBe('unjoined')
    expect(member.send({ type: 'join' })).toEqual(['sendJoin'])
  })

  it('does not take a leave back', () => {
    const member = drive().stable()
    member.send({ type: 'leave' })
    expect(member.send({ type: 'unsubscribe', reason: 'no topics' })).toEqual([])
    expect(member.send({ type: 'released' })).toEqual(['sendLeave'])
    expect(member.phase.kind).toBe('leaving')
  })

  it('ends a round that has begun first', () => {
    const member = drive()
    member.send({ type: 'join' })
    expect(member.send({ type: 'unsubscribe', reason: 'no topics' })).toEqual([])
    expect(member.machine.rejoinReason).toBe('no topics')
  })
})

describe('rebalancing cooperatively', () => {
  const cooperative = (...numbers: readonly number[]) => {
    const member = drive({ protocol: 'cooperative' })
    member.send({ type: 'join' })
    member.joined()
    member.synced(0, numbers)
    return member
  }

  it('joins at once with what it owns, and keeps it', () => {
    const member = cooperative(0, 1)
    expect(member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual(['sendJoin'])
    expect(member.effects).toMatchObject([
      { owned: parts(0, 1), lastAssignment: { partitions: parts(0, 1), generationId: 1 } },
    ])
    member.joined({ generationId: 2 })
    member.synced(0, [0, 1, 2])
    expect(member.effects).toEqual([{ type: 'assigned', partitions: parts(2) }])
    expect(member.phase.kind).toBe('stable')
  })

  it('gives up only the difference, takes what is new, and joins again', () => {
    const member = cooperative(0, 1)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    member.joined({ generationId: 2 })
    member.synced(0, [1, 2])
    expect(member.effects).toMatchObject([{ type: 'release', lost: false, partitions: parts(0) }])
    expect(member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual([])
    expect(member.send({ type: 'released' })).toEqual(['assigned', 'sendJoin'])
    expect(member.effects).toMatchObject([{ partitions: parts(2) }, { owned: parts(1, 2) }])
  })

  it('still claims what it owns, by its generation, when an assignment did not reach it', () => {
    const member = cooperative(0)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    member.joined({ generationId: 2 })
    expect(member.synced(ErrorCode.REBALANCE_IN_PROGRESS)).toEqual(['sendJoin'])
    expect(member.effects).toMatchObject([{ owned: parts(0), lastAssignment: { generationId: 1 } }])
  })

  it('loses everything when the group went on without it, whatever it is doing', () => {
    for (const code of [ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION]) {
      const stable = cooperative(0, 1)
      stable.heartbeat(code)
      const joining = cooperative(0, 1)
      joining.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
      joining.joined({ errorCode: code })
      const syncing = cooperative(0, 1)
      syncing.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
      syncing.joined({ generationId: 2 })
      syncing.synced(code)
      for (const member of [stable, joining, syncing]) {
        expect(member.effects).toMatchObject([
          { type: 'release', lost: true, partitions: parts(0, 1) },
        ])
        expect(member.send({ type: 'released' })).toEqual(['sendJoin'])
        expect(member.effects).toMatchObject([{ owned: [] }])
      }
    }
  })

  it('loses the rest, too, when that happens while it gives some up', () => {
    const member = cooperative(0, 1)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    member.joined({ generationId: 2 })
    member.synced(0, [1, 2])
    member.heartbeat(ErrorCode.UNKNOWN_MEMBER_ID)
    member.send({ type: 'released' })
    expect(member.effects).toMatchObject([{ type: 'release', lost: true, partitions: parts(1) }])
    expect(member.send({ type: 'released' })).toEqual(['sendJoin'])
    expect(member.effects).toMatchObject([{ memberId: '', owned: [] }])
  })

  it('leaves between JoinGroup and SyncGroup only when commits are accepted again', () => {
    const member = cooperative(0, 1)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    member.joined({ generationId: 2 })
    expect(member.send({ type: 'leave' })).toEqual([])
    member.synced(0, [0])
    expect(member.effects).toMatchObject([
      { type: 'release', lost: false, partitions: parts(0, 1) },
    ])
    expect(member.send({ type: 'released' })).toEqual(['sendLeave'])
  })

  it('leaves all the same when the rebalance takes too long', () => {
    const member = cooperative(0, 1)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(member.send({ type: 'leave' })).toEqual([])
    const leaveAtMs = nextTickMs(member.machine) ?? 0
    expect(leaveAtMs).toBe(6000)
    expect(member.at(leaveAtMs).send({ type: 'tick' })).toEqual(['release'])
    expect(member.send({ type: 'released' })).toEqual(['sendLeave'])
  })

  it('gives up what is no longer subscribed to before it joins', () => {
    const member = cooperative(0, 1)
    member.send({ type: 'rejoin', reason: 'r', unwanted: parts(1) })
    expect(member.effects).toMatchObject([{ type: 'release', lost: false, partitions: parts(1) }])
    expect(member.send({ type: 'released' })).toEqual(['sendJoin'])
    expect(member.effects).toMatchObject([{ owned: parts(0), reason: 'r' }])
  })

  it('puts everything aside when the application is stuck during a rebalance', () => {
    const member = cooperative(0, 1)
    member.heartbeat(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(member.send({ type: 'pause' })).toEqual(['sendLeave', 'release'])
    expect(member.joined({ generationId: 2 })).toEqual([])
    member.send({ type: 'released' })
    expect(member.phase.kind).toBe('unjoined')
  })
})

describe('changes while a round is under way', () => {
  it('are followed by another round', () => {
    for (const protocol of ['eager', 'cooperative'] as const) {
      const member = drive({ protocol })
      member.send({ type: 'join' })
      expect(member.send({ type: 'rejoin', reason: 'r', unwanted: [] })).toEqual([])
      member.joined()
      expect(member.synced()).toEqual(['assigned', protocol === 'eager' ? 'release' : 'sendJoin'])
    }
  })

  it('end with a clear error when the assignor throws', () => {
    const member = drive()
    member.send({ type: 'join' })
    member.joined({ leader: 'm' })
    const error = new InvalidArgumentError('the assignor is broken')
    expect(member.send({ type: 'computeFailed', error })).toEqual(['failed'])
  })
})
