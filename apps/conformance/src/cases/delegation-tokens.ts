import {
  CreateDelegationToken,
  type CreateDelegationTokenRequestInput,
  type CreateDelegationTokenResponse,
  DescribeDelegationToken,
  ErrorCode,
  ExpireDelegationToken,
  RenewDelegationToken,
} from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { atLeast, between, containing, lacking, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from '../steps/index.js'

const KIP_48 = 'KIP-48: Delegation token support for Kafka'
const KIP_373 = 'KIP-373: Allow users to create delegation tokens for other users'

const { NONE, DELEGATION_TOKEN_NOT_FOUND, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED } = ErrorCode
const HOUR = 3_600_000n

const TOKENS = {
  source: KIP_48,
  topic: 'security',
  needs: ['delegation-tokens', 'sasl-plain'],
} as const satisfies Partial<Rule>

/** A connection of somebody who has logged in. */
const as = (t: RuleContext, user: string): Promise<RawClient> =>
  t.connect({ listener: 'sasl', as: user })

const principalOf = (t: RuleContext, user: string) => ({
  principalType: 'User',
  principalName: t.target.listeners?.sasl?.users[user]?.username ?? user,
})

const CREATION: CreateDelegationTokenRequestInput = {
  ownerPrincipalType: null,
  ownerPrincipalName: null,
  renewers: [],
  maxLifetimeMs: -1n,
}

/** Makes a token that is expired at the end of the rule, at the version of the rule if it is about that. */
async function create(
  t: RuleContext,
  client: RawClient,
  fields: Partial<CreateDelegationTokenRequestInput> = {},
): Promise<CreateDelegationTokenResponse> {
  const token = await client.ask(CreateDelegationToken, { ...CREATION, ...fields })
  const { hmac } = token
  const request = { hmac, expiryTimePeriodMs: -1n }
  t.cleanUp(() => client.ask(ExpireDelegationToken, request, newest(t, ExpireDelegationToken)))
  return token
}

/** The tokens of some owners that a user may see. */
const tokensOf = (t: RuleContext, client: RawClient, ...users: readonly string[]) =>
  client.ask(DescribeDelegationToken, { owners: users.map((user) => principalOf(t, user)) })

/** Waits until the broker has heard of a token, and gives what it says of it alone. */
async function untilDescribed(t: RuleContext, client: RawClient, tokenId: string) {
  return t.until(`the token ${tokenId}`, async () => {
    const { tokens } = await client.ask(DescribeDelegationToken, { owners: null })
    return tokens.find((token) => token.tokenId === tokenId)
  })
}

/** Rules of making tokens and of describing them. */
const making: readonly Rule[] = [
  rule({
    ...TOKENS,
    id: 'create-delegation-token.own',
    says: 'Who has logged in may have a token: it has an id, a secret, and times in order.',
    apis: [CreateDelegationToken],
    run: async (t) => {
      const token = await create(t, await as(t, 'admin'))
      t.expect(token, {
        ...principalOf(t, 'admin'),
        errorCode: NONE,
        tokenRequesterPrincipalType: 'User',
        tokenRequesterPrincipalName: principalOf(t, 'admin').principalName,
        issueTimestampMs: atLeast(1_700_000_000_000n),
        expiryTimestampMs: atLeast(token.issueTimestampMs),
        maxTimestampMs: atLeast(token.expiryTimestampMs),
        tokenId: nonEmpty,
        hmac: nonEmpty,
        throttleTimeMs: 0,
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'create-delegation-token.max-lifetime',
    says: 'A token lives no longer than was asked for.',
    apis: [CreateDelegationToken],
    run: async (t) => {
      const token = await create(t, await as(t, 'admin'), { maxLifetimeMs: HOUR })
      const end = token.issueTimestampMs + HOUR
      t.expect(token, { errorCode: NONE, maxTimestampMs: end, expiryTimestampMs: between(1n, end) })
    },
  }),
  rule({
    ...TOKENS,
    id: 'create-delegation-token.renewer-of-another-type',
    says: 'A renewer that is no User is refused with INVALID_PRINCIPAL_TYPE.',
    apis: [CreateDelegationToken],
    topic: 'errors',
    run: async (t) => {
      const renewers = [{ principalType: 'Group', principalName: 'all' }]
      const client = await as(t, 'admin')
      const token = await client.ask(CreateDelegationToken, { ...CREATION, renewers })
      t.expect(token, { errorCode: ErrorCode.INVALID_PRINCIPAL_TYPE })
    },
  }),
  rule({
    ...TOKENS,
    id: 'create-delegation-token.for-another',
    says: 'A super user may make a token for somebody else; both are named.',
    source: KIP_373,
    apis: [CreateDelegationToken],
    versions: { min: 3 },
    run: async (t) => {
      const { principalType, principalName } = principalOf(t, 'alice')
      const token = await create(t, await as(t, 'admin'), {
        ownerPrincipalType: principalType,
        ownerPrincipalName: principalName,
      })
      t.expect(token, {
        errorCode: NONE,
        principalType,
        principalName,
        tokenRequesterPrincipalType: 'User',
        tokenRequesterPrincipalName: principalOf(t, 'admin').principalName,
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'create-delegation-token.for-another-without-right',
    says: 'Who has no right to make tokens for somebody else is refused with DELEGATION_TOKEN_AUTHORIZATION_FAILED.',
    source: KIP_373,
    apis: [CreateDelegationToken],
    topic: 'errors',
    versions: { min: 3 },
    needs: ['delegation-tokens', 'sasl-plain', 'acls'],
    run: async (t) => {
      const { principalType, principalName } = principalOf(t, 'admin')
      const owner = { ownerPrincipalType: principalType, ownerPrincipalName: principalName }
      const client = await as(t, 'alice')
      const token = await client.ask(CreateDelegationToken, { ...CREATION, ...owner })
      t.expect(token, { errorCode: ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED })
    },
  }),
  rule({
    ...TOKENS,
    id: 'describe-delegation-token.own',
    says: 'A token is described with its owner, its times, its renewers and its secret.',
    apis: [DescribeDelegationToken, CreateDelegationToken],
    run: async (t) => {
      const client = await as(t, 'admin')
      const renewers = [principalOf(t, 'alice')]
      const made = await create(t, client, { renewers })
      t.expect(await untilDescribed(t, client, made.tokenId), {
        ...principalOf(t, 'admin'),
        tokenRequesterPrincipalType: 'User',
        tokenRequesterPrincipalName: made.tokenRequesterPrincipalName,
        issueTimestamp: made.issueTimestampMs,
        expiryTimestamp: made.expiryTimestampMs,
        maxTimestamp: made.maxTimestampMs,
        tokenId: made.tokenId,
        hmac: made.hmac,
        renewers,
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'describe-delegation-token.by-owner',
    says: 'Only tokens of the owners that were asked for are described.',
    apis: [DescribeDelegationToken, CreateDelegationToken],
    run: async (t) => {
      const client = await as(t, 'admin')
      const made = await create(t, client)
      await untilDescribed(t, client, made.tokenId)
      const mine = await tokensOf(t, client, 'admin')
      t.expect(mine, { tokens: containing({ tokenId: made.tokenId }) })
      const nobody = { principalType: 'User', principalName: t.name('user') }
      t.expect(await client.ask(DescribeDelegationToken, { owners: [nobody] }), {
        errorCode: NONE,
        tokens: [],
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'describe-delegation-token.of-others',
    says: 'Who has no right sees no token of somebody else, and no error.',
    apis: [DescribeDelegationToken, CreateDelegationToken],
    needs: ['delegation-tokens', 'sasl-plain', 'acls'],
    run: async (t) => {
      const admin = await as(t, 'admin')
      const made = await create(t, admin)
      await untilDescribed(t, admin, made.tokenId)
      const answer = await tokensOf(t, await as(t, 'alice'), 'admin')
      t.expect(answer, { errorCode: NONE, tokens: lacking({ principalName: 'admin' }) })
    },
  }),
]

/** Rules of what becomes of tokens. */
const living: readonly Rule[] = [
  rule({
    ...TOKENS,
    id: 'renew-delegation-token.owner',
    says: 'The owner renews a token for the time that it says, and no longer than the token may live.',
    apis: [RenewDelegationToken, CreateDelegationToken],
    run: async (t) => {
      const client = await as(t, 'admin')
      const { hmac, issueTimestampMs, maxTimestampMs, tokenId } = await create(t, client, {
        maxLifetimeMs: 2n * HOUR,
      })
      await untilDescribed(t, client, tokenId)
      t.expect(await client.ask(RenewDelegationToken, { hmac, renewPeriodMs: HOUR }), {
        errorCode: NONE,
        expiryTimestampMs: between(issueTimestampMs + HOUR, issueTimestampMs + HOUR + 60_000n),
        throttleTimeMs: 0,
      })
      t.expect(await client.ask(RenewDelegationToken, { hmac, renewPeriodMs: 9n * HOUR }), {
        errorCode: NONE,
        expiryTimestampMs: maxTimestampMs,
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'renew-delegation-token.renewer',
    says: 'A renewer may renew a token that is not its own.',
    apis: [RenewDelegationToken, CreateDelegationToken],
    run: async (t) => {
      const admin = await as(t, 'admin')
      const renewers = [principalOf(t, 'alice')]
      const { hmac, issueTimestampMs, tokenId } = await create(t, admin, { renewers })
      await untilDescribed(t, admin, tokenId)
      const client = await as(t, 'alice')
      t.expect(await client.ask(RenewDelegationToken, { hmac, renewPeriodMs: HOUR }), {
        errorCode: NONE,
        expiryTimestampMs: atLeast(issueTimestampMs + HOUR),
      })
    },
  }),
  rule({
    ...TOKENS,
    id: 'expire-delegation-token.at-once',
    says: 'A negative period ends a token at once: it is described no more, and cannot be renewed.',
    apis: [ExpireDelegationToken, CreateDelegationToken, RenewDelegationToken],
    run: async (t) => {
      const client = await as(t, 'admin')
      const { hmac, issueTimestampMs, tokenId } = await create(t, client)
      await untilDescribed(t, client, tokenId)
      t.expect(await client.ask(ExpireDelegationToken, { hmac, expiryTimePeriodMs: -1n }), {
        errorCode: NONE,
        expiryTimestampMs: between(issueTimestampMs, issueTimestampMs + 60_000n),
        throttleTimeMs: 0,
      })
      await t.until('the end of the token', async () => {
        const { tokens } = await client.ask(DescribeDelegationToken, { owners: null })
        return tokens.every((token) => token.tokenId !== tokenId)
      })
      const errorCode = DELEGATION_TOKEN_NOT_FOUND
      const late = await client.ask(RenewDelegationToken, { hmac, renewPeriodMs: HOUR })
      t.expect(late, { errorCode })
    },
  }),
  rule({
    ...TOKENS,
    id: 'expire-delegation-token.later',
    says: 'A period lets a token live so long from now.',
    apis: [ExpireDelegationToken, CreateDelegationToken],
    run: async (t) => {
      const client = await as(t, 'admin')
      const { hmac, issueTimestampMs, tokenId } = await create(t, client)
      await untilDescribed(t, client, tokenId)
      t.expect(await client.ask(ExpireDelegationToken, { hmac, expiryTimePeriodMs: HOUR }), {
        errorCode: NONE,
        expiryTimestampMs: between(issueTimestampMs + HOUR, issueTimestampMs + HOUR + 60_000n),
      })
      const described = await untilDescribed(t, client, tokenId)
      t.expect(described, { tokenId, expiryTimestamp: atLeast(issueTimestampMs + 1n) })
    },
  }),
]

const ENDINGS = [
  ['renew', RenewDelegationToken],
  ['expire', ExpireDelegationToken],
] as const

const ending = (client: RawClient, name: 'renew' | 'expire', hmac: Uint8Array) =>
  name === 'renew'
    ? client.ask(RenewDelegationToken, { hmac, renewPeriodMs: HOUR })
    : client.ask(ExpireDelegationToken, { hmac, expiryTimePeriodMs: HOUR })

/** Rules of renewing and expiring that are refused. */
const refusing: readonly Rule[] = ENDINGS.flatMap(([name, api]) => [
  rule({
    ...TOKENS,
    id: `${name}-delegation-token.unknown`,
    says: 'A secret of no token is refused with DELEGATION_TOKEN_NOT_FOUND.',
    apis: [api],
    topic: 'errors',
    run: async (t) => {
      const errorCode = DELEGATION_TOKEN_NOT_FOUND
      t.expect(await ending(await as(t, 'admin'), name, Buffer.alloc(64, 3)), { errorCode })
    },
  }),
  rule({
    ...TOKENS,
    id: `${name}-delegation-token.empty`,
    says: 'An empty secret is refused with DELEGATION_TOKEN_NOT_FOUND.',
    apis: [api],
    topic: 'boundaries',
    run: async (t) => {
      const errorCode = DELEGATION_TOKEN_NOT_FOUND
      t.expect(await ending(await as(t, 'admin'), name, Buffer.alloc(0)), { errorCode })
    },
  }),
  rule({
    ...TOKENS,
    id: `${name}-delegation-token.of-another`,
    says: 'Who is neither owner nor renewer is refused with DELEGATION_TOKEN_OWNER_MISMATCH.',
    apis: [api, CreateDelegationToken],
    topic: 'errors',
    run: async (t) => {
      const admin = await as(t, 'admin')
      const { hmac, tokenId } = await create(t, admin)
      await untilDescribed(t, admin, tokenId)
      const errorCode = ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH
      t.expect(await ending(await as(t, 'alice'), name, hmac), { errorCode })
    },
  }),
  rule({
    ...TOKENS,
    id: `${name}-delegation-token.not-anonymous`,
    says: 'Who has not logged in is refused with DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.',
    apis: [api],
    topic: 'errors',
    run: async (t) => {
      const errorCode = DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
      t.expect(await ending(t.client, name, Buffer.alloc(64, 3)), { errorCode })
    },
  }),
])

/** Rules of delegation tokens. */
export const rules: readonly Rule[] = [
  ...making,
  ...living,
  ...refusing,
  rule({
    ...TOKENS,
    id: 'describe-delegation-token.not-anonymous',
    says: 'Who has not logged in is refused with DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.',
    apis: [DescribeDelegationToken],
    topic: 'errors',
    run: async (t) => {
      const errorCode = DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
      t.expect(await t.client.ask(DescribeDelegationToken, { owners: null }), {
        errorCode,
        tokens: [],
      })
    },
  }),
]
