import {
  AlterClientQuotas,
  AlterUserScramCredentials,
  CreateDelegationToken,
  DescribeClientQuotas,
  DescribeUserScramCredentials,
  ErrorCode,
} from '@ottla/protocol'
import { absent, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'

const KIP_546 = 'KIP-546: Add Client Quota APIs to the Admin Client'
const KIP_554 = 'KIP-554: Add Broker-side SCRAM Config API'
const KIP_48 = 'KIP-48: Delegation token support for Kafka'

const entityOf = (entityName: string, entityType = 'client-id') => [{ entityType, entityName }]

const setQuota = (t: RuleContext, name: string, key: string, value: number, entityType?: string) =>
  t.client.ask(AlterClientQuotas, {
    entries: [{ entity: entityOf(name, entityType), ops: [{ key, value, remove: false }] }],
    validateOnly: false,
  })

const removeQuota = (t: RuleContext, name: string, key: string) =>
  t.client.ask(AlterClientQuotas, {
    entries: [{ entity: entityOf(name), ops: [{ key, value: 0, remove: true }] }],
    validateOnly: false,
  })

const quotasOf = (t: RuleContext, match: string) =>
  t.client.ask(DescribeClientQuotas, {
    components: [{ entityType: 'client-id', matchType: 0, match }],
    strict: true,
  })

const badQuotas: readonly (readonly [
  id: string,
  what: string,
  key: string,
  value: number,
  type: string,
])[] = [
  ['unknown-key', 'A quota that does not exist', 'no_such_quota', 1, 'client-id'],
  ['negative', 'A negative quota', 'producer_byte_rate', -1, 'client-id'],
  ['zero', 'A quota of 0', 'producer_byte_rate', 0, 'client-id'],
  ['fraction-of-a-byte', 'A quota of half a byte', 'producer_byte_rate', 0.5, 'client-id'],
  ['unknown-entity', 'A quota of an entity that does not exist', 'producer_byte_rate', 1, 'planet'],
]

const upsertion = (name: string, iterations = 4096, mechanism = 1) => ({
  name,
  mechanism,
  iterations,
  salt: Buffer.from('salt-of-conformance'),
  saltedPassword: Buffer.alloc(32, 7),
})

const badCredentials: readonly (readonly [
  id: string,
  what: string,
  error: number,
  iterations: number,
  mechanism: number,
])[] = [
  ['too-few-iterations', 'Fewer than 4096 iterations', ErrorCode.UNACCEPTABLE_CREDENTIAL, 4095, 1],
  [
    'too-many-iterations',
    'More than 16384 iterations',
    ErrorCode.UNACCEPTABLE_CREDENTIAL,
    16_385,
    1,
  ],
  [
    'unknown-mechanism',
    'A mechanism that does not exist',
    ErrorCode.UNSUPPORTED_SASL_MECHANISM,
    4096,
    9,
  ],
]

/** Rules of client quotas, SCRAM credentials and delegation tokens. */
export const rules: readonly Rule[] = [
  rule({
    id: 'alter-client-quotas.set-and-removed',
    says: 'A quota that is set is described with its entity and value, and no more when it is removed.',
    source: KIP_546,
    apis: [AlterClientQuotas, DescribeClientQuotas],
    topic: 'quotas',
    run: async (t) => {
      const name = t.name('client')
      t.expect(await setQuota(t, name, 'producer_byte_rate', 4711), {
        throttleTimeMs: 0,
        entries: [{ errorCode: ErrorCode.NONE, errorMessage: null, entity: entityOf(name) }],
      })
      const found = await t.until('the quota', async () => {
        const answer = await quotasOf(t, name)
        return answer.entries?.length === 1 && answer
      })
      t.expect(found, {
        errorCode: ErrorCode.NONE,
        entries: [{ entity: entityOf(name), values: [{ key: 'producer_byte_rate', value: 4711 }] }],
      })
      await removeQuota(t, name, 'producer_byte_rate')
      await t.until('no quota', async () => (await quotasOf(t, name)).entries?.length === 0)
    },
  }),
  ...badQuotas.map(([id, what, key, value, entityType]) =>
    rule({
      id: `alter-client-quotas.${id}`,
      says: `${what} is refused with INVALID_REQUEST.`,
      source: KIP_546,
      apis: [AlterClientQuotas],
      topic: 'errors',
      run: async (t) => {
        t.expect(await setQuota(t, t.name('client'), key, value, entityType), {
          entries: [{ errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
        })
      },
    }),
  ),
  rule({
    id: 'describe-client-quotas.nothing',
    says: 'Of a client without quotas there is nothing to describe, without error.',
    source: KIP_546,
    apis: [DescribeClientQuotas],
    topic: 'quotas',
    run: async (t) => {
      t.expect(await quotasOf(t, t.name('client')), { errorCode: ErrorCode.NONE, entries: [] })
    },
  }),
  rule({
    id: 'describe-client-quotas.unknown-match-type',
    says: 'A way to match that does not exist is refused with INVALID_REQUEST.',
    source: KIP_546,
    apis: [DescribeClientQuotas],
    topic: 'errors',
    run: async (t) => {
      const components = [{ entityType: 'client-id', matchType: 9, match: null }]
      t.expect(await t.client.ask(DescribeClientQuotas, { components, strict: true }), {
        errorCode: ErrorCode.INVALID_REQUEST,
        entries: absent,
      })
    },
  }),
  rule({
    id: 'alter-user-scram-credentials.set-and-removed',
    says: 'A credential that is set is described with mechanism and iterations, and no more when it is removed.',
    source: KIP_554,
    apis: [AlterUserScramCredentials, DescribeUserScramCredentials],
    topic: 'security',
    run: async (t) => {
      const user = t.name('user')
      const upsertions = [upsertion(user)]
      t.expect(await t.client.ask(AlterUserScramCredentials, { deletions: [], upsertions }), {
        throttleTimeMs: 0,
        results: [{ user, errorCode: ErrorCode.NONE }],
      })
      const request = { users: [{ name: user }] }
      const found = await t.until('the credential', async () => {
        const answer = await t.client.ask(DescribeUserScramCredentials, request)
        return answer.results[0]?.errorCode === ErrorCode.NONE && answer
      })
      const credentialInfos = [{ mechanism: 1, iterations: 4096 }]
      t.expect(found, { errorCode: ErrorCode.NONE, results: [{ user, credentialInfos }] })
      const deletions = [{ name: user, mechanism: 1 }]
      t.expect(await t.client.ask(AlterUserScramCredentials, { deletions, upsertions: [] }), {
        results: [{ user, errorCode: ErrorCode.NONE }],
      })
    },
  }),
  ...badCredentials.map(([id, what, errorCode, iterations, mechanism]) =>
    rule({
      id: `alter-user-scram-credentials.${id}`,
      says: `${what} is refused.`,
      source: KIP_554,
      apis: [AlterUserScramCredentials],
      topic: 'errors',
      run: async (t) => {
        const user = t.name('user')
        const upsertions = [upsertion(user, iterations, mechanism)]
        t.expect(await t.client.ask(AlterUserScramCredentials, { deletions: [], upsertions }), {
          results: [{ user, errorCode, errorMessage: nonEmpty }],
        })
      },
    }),
  ),
  rule({
    id: 'alter-user-scram-credentials.delete-unknown',
    says: 'A credential that is not there cannot be removed: RESOURCE_NOT_FOUND.',
    source: KIP_554,
    apis: [AlterUserScramCredentials],
    topic: 'errors',
    run: async (t) => {
      const user = t.name('user')
      const deletions = [{ name: user, mechanism: 1 }]
      t.expect(await t.client.ask(AlterUserScramCredentials, { deletions, upsertions: [] }), {
        results: [{ user, errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'describe-user-scram-credentials.unknown-user',
    says: 'A user without credentials is answered with RESOURCE_NOT_FOUND.',
    source: KIP_554,
    apis: [DescribeUserScramCredentials],
    topic: 'errors',
    run: async (t) => {
      const user = t.name('user')
      t.expect(await t.client.ask(DescribeUserScramCredentials, { users: [{ name: user }] }), {
        errorCode: ErrorCode.NONE,
        results: [{ user, errorCode: ErrorCode.RESOURCE_NOT_FOUND, credentialInfos: [] }],
      })
    },
  }),
  rule({
    id: 'describe-user-scram-credentials.user-twice',
    says: 'A user named twice is answered with DUPLICATE_RESOURCE.',
    source: KIP_554,
    apis: [DescribeUserScramCredentials],
    topic: 'boundaries',
    run: async (t) => {
      const user = t.name('user')
      const users = [{ name: user }, { name: user }]
      t.expect(await t.client.ask(DescribeUserScramCredentials, { users }), {
        results: [{ user, errorCode: ErrorCode.DUPLICATE_RESOURCE, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'create-delegation-token.not-anonymous',
    says: 'Who has not logged in gets no token: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.',
    source: KIP_48,
    apis: [CreateDelegationToken],
    topic: 'security',
    needs: ['delegation-tokens'],
    run: async (t) => {
      const request = {
        renewers: [],
        maxLifetimeMs: -1n,
        ownerPrincipalType: null,
        ownerPrincipalName: null,
      }
      t.expect(await t.client.ask(CreateDelegationToken, request), {
        errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
        hmac: absent,
      })
    },
  }),
]
