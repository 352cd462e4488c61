import {
  ConsumerProtocolSubscription,
  ErrorCode,
  Heartbeat,
  JoinGroup,
  type JoinGroupRequestInput,
  type JoinGroupResponse,
  SyncGroup,
  type SyncGroupResponse,
} from '@ottla/protocol'
import type { RawClient, Sent } from '../client/raw-client.js'
import type { RuleContext } from '../rules/rule-context.js'
import { forSetUp, newest } from './newest.js'

/** How a member joins. */
export interface JoinSettings {
  /** Default: none yet. */
  readonly memberId?: string
  /** Makes the member static. */
  readonly instanceId?: string | null
  readonly protocolType?: string
  /** Names and metadata by preference. Default: `range`, subscribed to nothing. */
  readonly protocols?: readonly Protocol[]
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  /** Of JoinGroup. Default: the newest. */
  readonly version?: number
  /** Default: a connection of its own, since a broker answers nothing else on one where a JoinGroup waits. */
  readonly client?: RawClient
}

/** An assignor that a member has, and what it says to it. */
export interface Protocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/** A member of a generation. */
export interface GroupMember {
  readonly client: RawClient
  readonly groupId: string
  readonly memberId: string
  readonly instanceId: string | null
  readonly generationId: number
  /** What JoinGroup was answered. */
  readonly joined: JoinGroupResponse
  /** What it sent, to be sent again. */
  readonly request: JoinGroupRequestInput
}

/** A member whose JoinGroup is on its way. */
export interface JoiningMember {
  readonly client: RawClient
  readonly request: JoinGroupRequestInput
  readonly sent: Sent<JoinGroupResponse>
}

/** What a consumer says in JoinGroup: a version, and the topics that it reads. */
export function subscription(...topics: readonly string[]): Uint8Array {
  const body = ConsumerProtocolSubscription.at(0).encode({ topics, userData: null })
  return Buffer.concat([Buffer.from([0, 0]), body])
}

/** Assignors by name, each with the metadata of a consumer that is subscribed to nothing. */
export const assignors = (...names: readonly string[]): Protocol[] =>
  names.map((name) => ({ name, metadata: subscription() }))

/** A JoinGroup. */
export function joinRequest(groupId: string, settings: JoinSettings = {}): JoinGroupRequestInput {
  const { sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 10_000 } = settings
  return {
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    memberId: settings.memberId ?? '',
    groupInstanceId: settings.instanceId ?? null,
    protocolType: settings.protocolType ?? 'consumer',
    protocols: [...(settings.protocols ?? assignors('range'))],
    reason: null,
  }
}

/** A connection of its own to the coordinator of a group. */
export async function connectToGroup(t: RuleContext, groupId: string): Promise<RawClient> {
  const { address } = await t.coordinator(groupId)
  return t.connect({ address })
}

/** Sends a JoinGroup that may wait; a member that must join twice (KIP-394) has its member id then. */
export async function beginJoin(
  t: RuleContext,
  groupId: string,
  settings: JoinSettings = {},
): Promise<JoiningMember> {
  const client = settings.client ?? (await connectToGroup(t, groupId))
  const { version } = settings.version === undefined ? newest(t, JoinGroup) : { ...settings }
  const options = version === undefined ? {} : { version }
  let request = joinRequest(groupId, settings)
  const isNew = request.memberId === '' && request.groupInstanceId === null
  if (isNew && (version ?? 0) >= 4) {
    const first = await client.ask(JoinGroup, request, options)
    t.equal(first.errorCode, ErrorCode.MEMBER_ID_REQUIRED, `error of the first JoinGroup`)
    request = { ...request, memberId: first.memberId }
  }
  return { client, request, sent: client.send(JoinGroup, request, options) }
}

/** Waits until a JoinGroup is answered without error. */
export async function endJoin(t: RuleContext, joining: JoiningMember): Promise<GroupMember> {
  const { client, request, sent } = joining
  const joined = await sent.answer()
  t.equal(joined.errorCode, ErrorCode.NONE, `error of JoinGroup to ${request.groupId}`)
  const { memberId, generationId } = joined
  const { groupId, groupInstanceId: instanceId = null } = request
  return { client, groupId, memberId, instanceId, generationId, joined, request }
}

/** Joins a group and waits for the answer: as its first member, or as one that nobody must wait for. */
export async function join(
  t: RuleContext,
  groupId: string,
  settings: JoinSettings = {},
): Promise<GroupMember> {
  return endJoin(t, await beginJoin(t, groupId, settings))
}

/** Sends the JoinGroup of a member again. */
export function rejoin(
  t: RuleContext,
  member: GroupMember,
  changes: Partial<JoinGroupRequestInput> = {},
  { version } = newest(t, JoinGroup),
): JoiningMember {
  const { client, memberId } = member
  const request = { ...member.request, memberId, ...changes }
  return { client, request, sent: client.send(JoinGroup, request, { version }) }
}

/** Sends SyncGroup for a member, with assignments by member id as the leader does. */
export function beginSync(
  t: RuleContext,
  member: GroupMember,
  assignments: Readonly<Record<string, Uint8Array>> = {},
  { version } = newest(t, SyncGroup),
): Sent<SyncGroupResponse> {
  const { client, groupId, memberId, instanceId: groupInstanceId, generationId } = member
  const { protocolName } = member.joined
  const { protocolType } = member.request
  const list = Object.entries(assignments).map(([memberId, assignment]) => ({
    memberId,
    assignment,
  }))
  const who = { groupId, memberId, groupInstanceId, generationId }
  const request = { ...who, protocolType, protocolName, assignments: list }
  return client.send(SyncGroup, request, { version })
}

/** Sends SyncGroup for a member and waits for success. */
export async function sync(
  t: RuleContext,
  member: GroupMember,
  assignments: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  const { errorCode } = await beginSync(t, member, assignments).answer()
  t.equal(errorCode, ErrorCode.NONE, `error of SyncGroup to ${member.groupId}`)
}

/** What Heartbeat answers to a member. */
export async function heartbeatCode(t: RuleContext, member: GroupMember): Promise<number> {
  const { client, groupId, memberId, instanceId: groupInstanceId, generationId } = member
  const request = { groupId, memberId, groupInstanceId, generationId }
  return (await client.ask(Heartbeat, request, forSetUp(t, Heartbeat))).errorCode
}

/** Waits until a member is told to join again: somebody else has joined, or gone. */
export async function untilRebalance(t: RuleContext, member: GroupMember): Promise<void> {
  await t.until(
    `a rebalance of ${member.groupId}`,
    async () => (await heartbeatCode(t, member)) === ErrorCode.REBALANCE_IN_PROGRESS,
  )
}

/** A stable group of one member, assigned the bytes `part`. */
export async function stableGroup(
  t: RuleContext,
  settings: JoinSettings = {},
  groupId: string = t.name('group'),
): Promise<GroupMember> {
  const member = await join(t, groupId, settings)
  await sync(t, member, { [member.memberId]: Buffer.from('part') })
  return member
}

/** Lets somebody join a stable group of one; neither has sent SyncGroup for the new generation. */
export async function joinBeside(
  t: RuleContext,
  member: GroupMember,
  settings: JoinSettings = {},
): Promise<[leader: GroupMember, follower: GroupMember]> {
  const joining = await beginJoin(t, member.groupId, settings)
  await untilRebalance(t, member)
  const version = settings.version === undefined ? newest(t, JoinGroup) : { ...settings }
  const again = rejoin(t, member, {}, { version: version.version ?? 0 })
  return [await endJoin(t, again), await endJoin(t, joining)]
}

/** A stable group of two; each is assigned its own member id. */
export async function stablePair(
  t: RuleContext,
  settings: readonly [JoinSettings, JoinSettings] = [{}, {}],
): Promise<[leader: GroupMember, follower: GroupMember]> {
  const first = await stableGroup(t, settings[0])
  const pair = await joinBeside(t, first, settings[1])
  const own = pair.map(({ memberId }) => [memberId, Buffer.from(memberId)] as const)
  await sync(t, pair[0], Object.fromEntries(own))
  await sync(t, pair[1])
  return pair
}
