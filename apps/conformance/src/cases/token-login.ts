import {
  CreateDelegationToken,
  type CreateDelegationTokenResponse,
  CreateTopics,
  DescribeCluster,
  DescribeDelegationToken,
  ErrorCode,
  ExpireDelegationToken,
  RenewDelegationToken,
  SaslAuthenticate,
  SaslHandshake,
  scramClientFirst,
} from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { absent, nonEmpty, text } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { RuleBroken } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from '../steps/index.js'
import type { Credentials } from '../target.js'

const KIP_48 = 'KIP-48: Delegation token support for Kafka'

const { NONE, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED } = ErrorCode

const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

const LOGIN = {
  source: KIP_48,
  topic: 'security',
  needs: ['delegation-tokens', 'sasl-plain', 'sasl-scram'],
} as const satisfies Partial<Rule>

/** A token of a user, which the broker knows by now. */
async function tokenOf(
  t: RuleContext,
  user: string,
  maxLifetimeMs = -1n,
): Promise<CreateDelegationTokenResponse> {
  const owner = await t.connect({ listener: 'sasl', as: user })
  const token = await owner.ask(
    CreateDelegationToken,
    { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs },
    newest(t, CreateDelegationToken),
  )
  t.equal(token.errorCode, NONE, 'error of CreateDelegationToken')
  t.cleanUp(() => expire(t, owner, token.hmac))
  await t.until('the token', async () => {
    const options = newest(t, DescribeDelegationToken)
    const { tokens } = await owner.ask(DescribeDelegationToken, { owners: null }, options)
    return tokens.some(({ tokenId }) => tokenId === token.tokenId)
  })
  return token
}

const expire = (t: RuleContext, client: RawClient, hmac: Uint8Array) =>
  client.ask(
    ExpireDelegationToken,
    { hmac, expiryTimePeriodMs: -1n },
    newest(t, ExpireDelegationToken),
  )

/** How one logs in with a token: its id, and its secret in base64. */
const credentialsOf = (
  { tokenId, hmac }: CreateDelegationTokenResponse,
  mechanism: (typeof MECHANISMS)[number],
): Credentials => ({
  username: tokenId,
  password: Buffer.from(hmac).toString('base64'),
  mechanism,
  isToken: true,
})

/** A connection that has logged in with a token of a user. */
async function withToken(t: RuleContext, user: string): Promise<RawClient> {
  const as = credentialsOf(await tokenOf(t, user), 'SCRAM-SHA-256')
  return t.connect({ listener: 'sasl', as })
}

const isRefused = async (t: RuleContext, as: Credentials): Promise<boolean> => {
  try {
    await t.connect({ listener: 'sasl', as })
    return false
  } catch (error) {
    if (error instanceof RuleBroken) return true
    throw error
  }
}

/** What may not be asked by who came with a token: tokens shall not make others, or live longer. */
const FORBIDDEN = [
  [
    CreateDelegationToken,
    'create-delegation-token',
    (client: RawClient) =>
      client.ask(CreateDelegationToken, {
        ownerPrincipalType: null,
        ownerPrincipalName: null,
        renewers: [],
        maxLifetimeMs: -1n,
      }),
  ],
  [
    RenewDelegationToken,
    'renew-delegation-token',
    (client: RawClient) =>
      client.ask(RenewDelegationToken, { hmac: Buffer.alloc(64, 3), renewPeriodMs: 1000n }),
  ],
  [
    ExpireDelegationToken,
    'expire-delegation-token',
    (client: RawClient) =>
      client.ask(ExpireDelegationToken, { hmac: Buffer.alloc(64, 3), expiryTimePeriodMs: 1000n }),
  ],
  [
    DescribeDelegationToken,
    'describe-delegation-token',
    (client: RawClient) => client.ask(DescribeDelegationToken, { owners: null }),
  ],
] as const

/** Long enough for the broker to hear of a token, and over soon. */
const BRIEF_MS = 1000n

/** What may not be done to a token whose time is over. */
const EXPIRED = [
  [
    RenewDelegationToken,
    'renew-delegation-token',
    (client: RawClient, hmac: Uint8Array) =>
      client.ask(RenewDelegationToken, { hmac, renewPeriodMs: 60_000n }),
  ],
  [
    ExpireDelegationToken,
    'expire-delegation-token',
    (client: RawClient, hmac: Uint8Array) =>
      client.ask(ExpireDelegationToken, { hmac, expiryTimePeriodMs: 60_000n }),
  ],
] as const

/** Rules of who comes with a delegation token instead of a password. */
export const rules: readonly Rule[] = [
  ...MECHANISMS.map((mechanism) =>
    rule({
      ...LOGIN,
      id: `sasl-authenticate.delegation-token-${mechanism.toLowerCase()}`,
      says: `Who has the id and the secret of a delegation token logs in with ${mechanism} and tokenauth=true.`,
      apis: [SaslAuthenticate, CreateDelegationToken, DescribeCluster],
      versions: 'newest',
      run: async (t) => {
        const as = credentialsOf(await tokenOf(t, 'admin'), mechanism)
        const client = await t.connect({ listener: 'sasl', as })
        const request = { includeClusterAuthorizedOperations: false }
        t.expect(await client.ask(DescribeCluster, request), {
          errorCode: NONE,
          brokers: nonEmpty,
        })
      },
    }),
  ),
  rule({
    ...LOGIN,
    id: 'sasl-authenticate.delegation-token-unknown',
    says: 'The id of no token is refused with SASL_AUTHENTICATION_FAILED.',
    apis: [SaslAuthenticate],
    topic: 'errors',
    run: async (t) => {
      const client = await t.connect({ listener: 'sasl', as: null })
      await client.ask(SaslHandshake, { mechanism: 'SCRAM-SHA-256' }, { version: 1 })
      const username = t.name('token')
      const { message } = scramClientFirst({ username, nonce: 'abcdefghijkl', tokenAuth: true })
      t.expect(await client.ask(SaslAuthenticate, { authBytes: message }), {
        errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
        errorMessage: nonEmpty,
        authBytes: absent,
      })
    },
  }),
  rule({
    ...LOGIN,
    id: 'sasl-authenticate.delegation-token-not-a-user',
    says: 'The id of a token is no user: without tokenauth=true it is refused with SASL_AUTHENTICATION_FAILED.',
    apis: [SaslAuthenticate, CreateDelegationToken],
    topic: 'errors',
    run: async (t) => {
      const { tokenId: username } = await tokenOf(t, 'admin')
      const client = await t.connect({ listener: 'sasl', as: null })
      await client.ask(SaslHandshake, { mechanism: 'SCRAM-SHA-256' }, { version: 1 })
      const { message } = scramClientFirst({ username, nonce: 'abcdefghijkl' })
      t.expect(await client.ask(SaslAuthenticate, { authBytes: message }), {
        errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
        errorMessage: nonEmpty,
      })
    },
  }),
  rule({
    ...LOGIN,
    id: 'sasl-authenticate.delegation-token-expired',
    says: 'Nobody logs in with a token once it has expired.',
    apis: [SaslAuthenticate, CreateDelegationToken, ExpireDelegationToken],
    versions: 'newest',
    run: async (t) => {
      const token = await tokenOf(t, 'admin')
      const as = credentialsOf(token, 'SCRAM-SHA-256')
      t.equal(await isRefused(t, as), false, 'refusal of a token that is good')
      await expire(t, await t.connect({ listener: 'sasl', as: 'admin' }), token.hmac)
      await t.until('the token to be refused', () => isRefused(t, as))
      const client = await t.connect({ listener: 'sasl', as: null })
      await client.ask(SaslHandshake, { mechanism: 'SCRAM-SHA-256' }, { version: 1 })
      const { message } = scramClientFirst({
        username: token.tokenId,
        nonce: 'abcdefghijkl',
        tokenAuth: true,
      })
      t.expect(await client.ask(SaslAuthenticate, { authBytes: message }), {
        errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
        errorMessage: text(/./),
      })
    },
  }),
  rule({
    ...LOGIN,
    id: 'create-topics.with-the-token-of-another',
    says: 'Who comes with a token has the rights of its owner, and no others.',
    apis: [CreateTopics, CreateDelegationToken],
    needs: [...LOGIN.needs, 'acls'],
    versions: 'newest',
    run: async (t) => {
      const name = t.name('topic')
      const place = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
      const request = { topics: [place], timeoutMs: t.deadlineMs, validateOnly: true }
      const ask = async (user: string) => (await withToken(t, user)).ask(CreateTopics, request)
      t.expect(await ask('admin'), { topics: [{ name, errorCode: NONE }] })
      const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      t.expect(await ask('alice'), { topics: [{ name, errorCode }] })
    },
  }),
  ...EXPIRED.map(([api, id, ask]) =>
    rule({
      ...LOGIN,
      id: `${id}.expired`,
      says: 'A token whose time is over cannot be given more: DELEGATION_TOKEN_EXPIRED.',
      apis: [api, CreateDelegationToken],
      topic: 'errors',
      run: async (t) => {
        const { hmac } = await tokenOf(t, 'admin', BRIEF_MS)
        await t.pause(Number(BRIEF_MS))
        const owner = await t.connect({ listener: 'sasl', as: 'admin' })
        const answer = await ask(owner, hmac)
        t.expect(answer, { errorCode: ErrorCode.DELEGATION_TOKEN_EXPIRED })
      },
    }),
  ),
  ...FORBIDDEN.map(([api, id, ask]) =>
    rule({
      ...LOGIN,
      id: `${id}.not-with-a-token`,
      says: 'Who has logged in with a token is refused with DELEGATION_TOKEN_REQUEST_NOT_ALLOWED.',
      apis: api === CreateDelegationToken ? [api] : [api, CreateDelegationToken],
      topic: 'errors',
      run: async (t) => {
        const answer = await ask(await withToken(t, 'admin'))
        t.expect(answer, { errorCode: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED })
      },
    }),
  ),
]
