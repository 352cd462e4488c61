import { ErrorCode, FindCoordinator, Heartbeat, Metadata } from '@ottla/protocol'
import { formatAddress } from '../client/address.js'
import { atLeast, inAnyOrder, nonEmpty, oneOf } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import { newest } from '../steps/index.js'

const DOCUMENT = messageDocument('FindCoordinator')
const KIP_699 = 'KIP-699: Update FindCoordinator to resolve multiple Coordinators at a time'
const KIP_932 = 'KIP-932: Queues for Kafka'

const GROUP = 0
const SHARE = 2

/** From this version on there are several keys in a request (KIP-699). */
const KEYS_FROM = 4

const ofKey = (key: string, keyType: number = GROUP) => ({ key, keyType, coordinatorKeys: [key] })

/** An answer about one key at any version. */
const aboutKey = (version: number, key: string, fields: object) =>
  version < KEYS_FROM ? fields : { coordinators: [{ key, ...fields }] }

/** Nobody, with an error. */
const nobody = (errorCode: number) => ({ errorCode, nodeId: -1, host: '', port: -1 })

/** Rules of FindCoordinator. */
export const rules: readonly Rule[] = [
  rule({
    id: 'find-coordinator.group',
    says: 'The coordinator of a group is one of the brokers, with the address that Metadata gives.',
    source: DOCUMENT,
    apis: [FindCoordinator, Metadata],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await t.coordinator(groupId)
      const { brokers } = await t.client.ask(Metadata, { topics: [] })
      const answer = await t.client.ask(FindCoordinator, ofKey(groupId))
      t.expect(
        answer,
        aboutKey(t.version, groupId, {
          errorCode: ErrorCode.NONE,
          nodeId: oneOf(...brokers.map(({ nodeId }) => nodeId)),
          host: oneOf(...brokers.map(({ host }) => host)),
          port: oneOf(...brokers.map(({ port }) => port)),
        }),
      )
    },
  }),
  rule({
    id: 'find-coordinator.coordinates',
    says: 'The broker that is named answers for the group: it knows no such member instead of not being the coordinator.',
    source: DOCUMENT,
    apis: [FindCoordinator, Heartbeat],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await t.coordinator(groupId)
      const answer = await t.client.ask(FindCoordinator, ofKey(groupId))
      const { host, port } = answer.coordinators[0] ?? answer
      const client = await t.connect({ address: formatAddress({ host, port }) })
      const request = { groupId, generationId: 1, memberId: 'nobody' }
      t.expect(await client.ask(Heartbeat, request), { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    id: 'find-coordinator.same-each-time',
    says: 'A group has one coordinator, whoever asks.',
    source: DOCUMENT,
    apis: [FindCoordinator],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await t.coordinator(groupId)
      const first = await t.client.ask(FindCoordinator, ofKey(groupId))
      const { nodeId, host, port } = first.coordinators[0] ?? first
      const other = await t.connect()
      const fields = { errorCode: ErrorCode.NONE, nodeId, host, port }
      const answer = await other.ask(FindCoordinator, ofKey(groupId))
      t.expect(answer, aboutKey(t.version, groupId, fields))
    },
  }),
  rule({
    id: 'find-coordinator.several-groups',
    says: 'Each key of a request is answered with its coordinator.',
    source: KIP_699,
    apis: [FindCoordinator],
    topic: 'groups',
    versions: { min: KEYS_FROM },
    run: async (t) => {
      const keys = [t.name('group'), t.name('group'), t.name('group')]
      await t.coordinator(keys[0] ?? '')
      const request = { keyType: GROUP, coordinatorKeys: keys }
      const found = (key: string) => ({
        key,
        errorCode: ErrorCode.NONE,
        nodeId: atLeast(0),
        host: nonEmpty,
        port: atLeast(1),
      })
      const answer = await t.client.ask(FindCoordinator, request)
      t.expect(answer, { coordinators: inAnyOrder(...keys.map(found)) })
    },
  }),
  rule({
    id: 'find-coordinator.no-keys',
    says: 'A request without keys is answered without coordinators.',
    source: KIP_699,
    apis: [FindCoordinator],
    topic: 'boundaries',
    versions: { min: KEYS_FROM },
    run: async (t) => {
      const answer = await t.client.ask(FindCoordinator, { keyType: GROUP, coordinatorKeys: [] })
      t.expect(answer, { coordinators: [] })
    },
  }),
  rule({
    id: 'find-coordinator.unknown-key-type',
    says: 'A key type that there is not gets INVALID_REQUEST and no node.',
    source: DOCUMENT,
    apis: [FindCoordinator],
    topic: 'errors',
    versions: { min: 1 },
    run: async (t) => {
      const key = t.name('key')
      const answer = await t.client.ask(FindCoordinator, ofKey(key, 99))
      t.expect(answer, aboutKey(t.version, key, nobody(ErrorCode.INVALID_REQUEST)))
    },
  }),
  rule({
    id: 'find-coordinator.share-key-from-version-6',
    says: 'The key type of share groups’ partitions is refused with INVALID_REQUEST before version 6.',
    source: KIP_932,
    apis: [FindCoordinator],
    topic: 'errors',
    versions: { min: 1, max: 5 },
    run: async (t) => {
      const key = t.name('key')
      const answer = await t.client.ask(FindCoordinator, ofKey(key, SHARE))
      t.expect(answer, aboutKey(t.version, key, nobody(ErrorCode.INVALID_REQUEST)))
    },
  }),
  rule({
    id: 'find-coordinator.malformed-share-key',
    releases: { from: '4.0' },
    says: 'A share key that is not group:topic id:partition is refused with INVALID_REQUEST.',
    source: KIP_932,
    apis: [FindCoordinator],
    topic: 'errors',
    versions: { min: 6 },
    run: async (t) => {
      const key = t.name('key')
      const answer = await t.client.ask(
        FindCoordinator,
        ofKey(key, SHARE),
        newest(t, FindCoordinator),
      )
      t.expect(answer, { coordinators: [{ key, ...nobody(ErrorCode.INVALID_REQUEST) }] })
    },
  }),
]
