import { ErrorCode } from '@ottla/protocol'
import type { CoordinatorRecord, GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import type { CommittedOffset, PlacedOffset } from './offset-store.js'
import { groupTombstone, offsetTombstone } from './records.js'
import type { Step } from './step.js'
import { groupAppendError } from './validate.js'

type DeleteEvent = Extract<GroupRequestEvent, { type: 'deleteGroups' }>

/** DeleteGroups: only groups without members go, with all their offsets. */
export function deleteGroups(step: Step, { request, requestId }: DeleteEvent): void {
  const records: CoordinatorRecord[] = []
  const deleted: { readonly group: Group; readonly offsets: readonly PlacedOffset[] }[] = []
  const results = request.groupsNames.map((groupId) => {
    const group = step.group(groupId)
    const errorCode = checkDelete(group)
    const isNew = deleted.every((other) => other.group !== group)
    if (errorCode === ErrorCode.NONE && group !== undefined && isNew) {
      deleted.push({ group, offsets: [...group.offsets.all()] })
      records.push(...removalRecords(group))
    }
    return { groupId, errorCode }
  })
  const reply = (later: Step, failure: number): void =>
    later.reply('deleteGroups', requestId, {
      throttleTimeMs: 0,
      results: results.map(({ groupId, errorCode }) => ({
        groupId,
        errorCode: errorCode === ErrorCode.NONE ? failure : errorCode,
      })),
    })
  if (deleted.length === 0) {
    reply(step, ErrorCode.NONE)
    return
  }
  step.append(records, (later, errorCode) => {
    if (errorCode === ErrorCode.NONE) {
      for (const { group, offsets } of deleted) {
        group.offsets.deleteUnchanged(offsets)
        bury(later, group, 'it was deleted')
      }
    }
    reply(later, groupAppendError(errorCode))
  })
}

function checkDelete(group: Group | undefined): number {
  if (group === undefined || group.state.kind === 'Dead') return ErrorCode.GROUP_ID_NOT_FOUND
  return group.state.kind === 'Empty' ? ErrorCode.NONE : ErrorCode.NON_EMPTY_GROUP
}

function removalRecords(group: Group): CoordinatorRecord[] {
  const records = [...group.offsets.all()].map(({ topic, partition }) =>
    offsetTombstone(group.groupId, topic, partition),
  )
  return [...records, groupTombstone(group.groupId)]
}

/**
 * A group without members is removed, unless somebody has joined it or committed to it while its tombstone was written:
 * their records follow the tombstone.
 */
function bury(step: Step, group: Group, reason: string): void {
  const isLeft = group.state.kind === 'Empty' && group.commitsInFlight === 0
  if (!isLeft || !group.offsets.isEmpty) return
  step.transition(group, { kind: 'Dead' }, reason)
  step.machine.groups.delete(group.groupId)
}

/**
 * Whether a committed offset has outlived the retention (KIP-211, KIP-496). The time counts
 * - from when the group lost its last member, while it has none;
 * - from the commit, for offsets of topics that a stable group of consumers is not subscribed to any more;
 * - from the commit, in groups that never had members (offsets of simple consumers).
 * Other offsets of groups with members stay. An expiry given with the commit (OffsetCommit 2-4) takes precedence.
 */
export function isOffsetExpired(
  group: Group,
  topic: string,
  committed: CommittedOffset,
  nowMs: number,
  retentionMs: number,
): boolean {
  const since = expiresSince(group, topic, committed)
  if (since === undefined) return false
  return committed.expireTimestampMs === undefined
    ? nowMs - since >= retentionMs
    : nowMs >= committed.expireTimestampMs
}

function expiresSince(group: Group, topic: string, committed: CommittedOffset): number | undefined {
  const { kind } = group.state
  if (group.protocolType === null || group.protocolType === '') {
    return kind === 'Empty' ? committed.commitTimestampMs : undefined
  }
  if (kind === 'Empty') {
    return group.stateSinceMs < 0
      ? committed.commitTimestampMs
      : Math.max(group.stateSinceMs, committed.commitTimestampMs)
  }
  const subscribed = kind === 'Stable' ? group.subscribedTopics() : undefined
  return subscribed === undefined || subscribed.has(topic) ? undefined : committed.commitTimestampMs
}

/** Removes what has expired; a group without members and offsets goes too. */
export function expireOffsets(step: Step): void {
  for (const group of [...step.machine.groups.values()]) expireGroup(step, group)
}

function expireGroup(step: Step, group: Group): void {
  if (group.state.kind === 'Dead' || group.commitsInFlight > 0) return
  const { nowMs, config } = step
  const expired = [...group.offsets.all()].filter(({ topic, committed }) =>
    isOffsetExpired(group, topic, committed, nowMs, config.offsetsRetentionMs),
  )
  const records = expired.map(({ topic, partition }) =>
    offsetTombstone(group.groupId, topic, partition),
  )
  const total = [...group.offsets.all()].length
  const isDone =
    group.state.kind === 'Empty' && group.pendingMembers.size === 0 && total === expired.length
  if (isDone) records.push(groupTombstone(group.groupId))
  if (records.length === 0) return
  step.append(records, (later, errorCode) => {
    if (errorCode !== ErrorCode.NONE) return
    group.offsets.deleteUnchanged(expired)
    if (isDone) bury(later, group, 'its offsets have expired')
  })
}

/** Topics are gone: their offsets go too. */
export function forgetTopics(step: Step, names: ReadonlySet<string>): void {
  for (const group of step.machine.groups.values()) {
    const gone = [...group.offsets.all()].filter(({ topic }) => names.has(topic))
    if (gone.length === 0) continue
    const records = gone.map(({ topic, partition }) =>
      offsetTombstone(group.groupId, topic, partition),
    )
    step.append(records, (_, errorCode) => {
      if (errorCode === ErrorCode.NONE) group.offsets.deleteUnchanged(gone)
    })
  }
}
