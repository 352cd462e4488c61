import {
  ApiVersions,
  ErrorCode,
  encodePlain,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import { absent, atLeast, between, containing, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from '../steps/index.js'

const KIP_43 = 'KIP-43: Kafka SASL enhancements, SaslHandshake'
const KIP_152 = 'KIP-152: Improve diagnostics for SASL authentication failures'
const KIP_368 = 'KIP-368: Allow SASL Connections to Periodically Re-Authenticate'

const bytes = (text: string) => Buffer.from(text, 'utf8')

type Listener = 'sasl' | 'renewal'

const connect = (t: RuleContext, listener: Listener = 'sasl') => t.connect({ listener, as: null })

/** A connection of which the mechanism is agreed upon, and nothing more. */
async function shaken(t: RuleContext, mechanism = 'PLAIN', listener: Listener = 'sasl') {
  const client = await connect(t, listener)
  const { errorCode } = await client.ask(SaslHandshake, { mechanism }, { version: 1 })
  t.equal(errorCode, ErrorCode.NONE, 'error of SaslHandshake')
  return client
}

function userOf(t: RuleContext, name: string) {
  const user = t.target.listeners?.sasl?.users[name]
  if (user === undefined) throw new Error(`the target gives no user '${name}'`)
  return user
}

const wrongTokens: readonly (readonly [id: string, what: string, token: string])[] = [
  ['wrong-password', 'A wrong password', '\0alice\0wrong'],
  ['unknown-user', 'A user that is not there', '\0nobody-of-that-name\0secret'],
  ['empty-password', 'An empty password', '\0alice\0'],
  ['empty-user', 'An empty user', '\0\0secret'],
  ['no-separators', 'A token without separators', 'alice alice-secret'],
  ['too-many-parts', 'A token of four parts', '\0alice\0alice-secret\0more'],
  [
    'other-authorization-id',
    'An authorization id that is not the user',
    'admin\0alice\0alice-secret',
  ],
]

const wrongFirst: readonly (readonly [id: string, what: string, message: string])[] = [
  ['garbage', 'A first message that is none', 'not scram'],
  ['unknown-user', 'A first message of an unknown user', 'n,,n=nobody-of-that-name,r=abcdefghijkl'],
]

/** Rules of SaslHandshake and SaslAuthenticate. */
export const rules: readonly Rule[] = [
  rule({
    id: 'sasl-handshake.lists-mechanisms',
    says: 'A mechanism that is enabled is agreed upon, and all enabled ones are listed.',
    source: KIP_43,
    apis: [SaslHandshake],
    topic: 'security',
    needs: ['sasl-plain'],
    run: async (t) => {
      const client = await connect(t)
      t.expect(await client.ask(SaslHandshake, { mechanism: 'PLAIN' }), {
        errorCode: ErrorCode.NONE,
        mechanisms: nonEmpty,
      })
    },
  }),
  rule({
    id: 'sasl-handshake.unsupported-mechanism',
    says: 'A mechanism that is not enabled is refused with UNSUPPORTED_SASL_MECHANISM and the list of those that are.',
    source: KIP_43,
    apis: [SaslHandshake],
    topic: 'security',
    needs: ['sasl-plain'],
    run: async (t) => {
      const client = await connect(t)
      const answer = await client.ask(SaslHandshake, { mechanism: 'NO-SUCH-MECHANISM' })
      t.expect(answer, {
        errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
        mechanisms: containing('PLAIN'),
      })
    },
  }),
  rule({
    id: 'sasl-handshake.not-without-sasl',
    says: 'A listener without SASL refuses the handshake with ILLEGAL_SASL_STATE.',
    source: KIP_43,
    apis: [SaslHandshake],
    topic: 'security',
    run: async (t) => {
      t.expect(await t.client.ask(SaslHandshake, { mechanism: 'PLAIN' }), {
        errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      })
    },
  }),
  rule({
    id: 'sasl-authenticate.not-without-sasl',
    says: 'A listener without SASL refuses to authenticate with ILLEGAL_SASL_STATE.',
    source: KIP_152,
    apis: [SaslAuthenticate],
    topic: 'security',
    run: async (t) => {
      t.expect(await t.client.ask(SaslAuthenticate, { authBytes: bytes('\0alice\0x') }), {
        errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      })
    },
  }),
  rule({
    id: 'sasl-handshake.versions-first',
    says: 'ApiVersions is answered before anybody has logged in.',
    source: 'KIP-35: Retrieving protocol version',
    apis: [SaslHandshake, ApiVersions],
    topic: 'security',
    needs: ['sasl-plain'],
    run: async (t) => {
      const client = await connect(t)
      const request = { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1' }
      t.expect(await client.ask(ApiVersions, request, newest(t, ApiVersions)), {
        errorCode: ErrorCode.NONE,
        apiKeys: containing({ apiKey: SaslHandshake.key }, { apiKey: SaslAuthenticate.key }),
      })
      t.expect(await client.ask(SaslHandshake, { mechanism: 'PLAIN' }), {
        errorCode: ErrorCode.NONE,
      })
    },
  }),
  rule({
    id: 'sasl-authenticate.plain',
    says: 'The right name and password log in; without a limit to the session its lifetime is 0.',
    source: KIP_152,
    apis: [SaslAuthenticate, SaslHandshake],
    topic: 'security',
    needs: ['sasl-plain'],
    run: async (t) => {
      const client = await shaken(t)
      const authBytes = encodePlain(userOf(t, 'alice'))
      t.expect(await client.ask(SaslAuthenticate, { authBytes }), {
        errorCode: ErrorCode.NONE,
        errorMessage: absent,
        authBytes: absent,
        sessionLifetimeMs: atLeast(0n),
      })
    },
  }),
  ...wrongTokens.map(([id, what, token]) =>
    rule({
      id: `sasl-authenticate.${id}`,
      says: `${what} is refused with SASL_AUTHENTICATION_FAILED and a message, and the connection ends.`,
      source: KIP_152,
      apis: [SaslAuthenticate, SaslHandshake],
      topic: 'security',
      needs: ['sasl-plain'],
      run: async (t) => {
        const client = await shaken(t)
        t.expect(await client.ask(SaslAuthenticate, { authBytes: bytes(token) }), {
          errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
          errorMessage: nonEmpty,
          authBytes: absent,
        })
        await client.closed()
      },
    }),
  ),
  ...wrongFirst.map(([id, what, message]) =>
    rule({
      id: `sasl-authenticate.scram-${id}`,
      says: `${what} of SCRAM is refused with SASL_AUTHENTICATION_FAILED.`,
      source: 'KIP-84: Support SASL SCRAM mechanisms',
      apis: [SaslAuthenticate, SaslHandshake],
      topic: 'security',
      needs: ['sasl-scram'],
      run: async (t) => {
        const client = await shaken(t, 'SCRAM-SHA-256')
        t.expect(await client.ask(SaslAuthenticate, { authBytes: bytes(message) }), {
          errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
          errorMessage: nonEmpty,
        })
      },
    }),
  ),
  ...(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).map((mechanism) =>
    rule({
      id: `sasl-authenticate.${mechanism.toLowerCase()}`,
      says: `${mechanism} logs in, and the broker proves that it knows the password too.`,
      source: 'KIP-84: Support SASL SCRAM mechanisms',
      apis: [SaslAuthenticate, SaslHandshake, ApiVersions],
      topic: 'security',
      versions: 'newest',
      needs: ['sasl-scram'],
      run: async (t) => {
        const as = { ...userOf(t, 'alice'), mechanism }
        const client = await t.connect({ listener: 'sasl', as })
        const request = { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1' }
        t.expect(await client.ask(ApiVersions, request), { errorCode: ErrorCode.NONE })
      },
    }),
  ),
  rule({
    id: 'sasl-authenticate.needs-handshake',
    says: 'Without a handshake before it the request ends the connection.',
    source: KIP_152,
    apis: [SaslAuthenticate],
    topic: 'security',
    needs: ['sasl-plain'],
    run: async (t) => {
      const client = await connect(t)
      client.sendRaw(client.encode(SaslAuthenticate, { authBytes: bytes('\0alice\0alice-secret') }))
      await client.frameOrClosed()
      await client.closed()
    },
  }),
  rule({
    id: 'sasl-authenticate.session-lifetime',
    says: 'Where sessions end, the answer says after how many milliseconds.',
    source: KIP_368,
    apis: [SaslAuthenticate, SaslHandshake],
    topic: 'security',
    versions: { min: 1 },
    needs: ['sasl-plain', 're-authentication'],
    run: async (t) => {
      const client = await shaken(t, 'PLAIN', 'renewal')
      const authBytes = encodePlain(userOf(t, 'alice'))
      t.expect(await client.ask(SaslAuthenticate, { authBytes }), {
        errorCode: ErrorCode.NONE,
        sessionLifetimeMs: between(1n, 10_000n),
      })
    },
  }),
  rule({
    id: 'sasl-authenticate.again',
    says: 'A connection logs in again as the same user, and gets a new lifetime.',
    source: KIP_368,
    apis: [SaslAuthenticate, SaslHandshake],
    topic: 'security',
    versions: { min: 1 },
    needs: ['sasl-plain', 're-authentication'],
    run: async (t) => {
      const client = await shaken(t, 'PLAIN', 'renewal')
      const authBytes = encodePlain(userOf(t, 'alice'))
      await client.ask(SaslAuthenticate, { authBytes })
      // Kafka refuses to start over within the first second of a session.
      await t.pause(1_100)
      await client.ask(SaslHandshake, { mechanism: 'PLAIN' }, { version: 1 })
      t.expect(await client.ask(SaslAuthenticate, { authBytes }), {
        errorCode: ErrorCode.NONE,
        sessionLifetimeMs: between(1n, 10_000n),
      })
    },
  }),
  rule({
    id: 'sasl-authenticate.again-as-somebody-else',
    says: 'A connection cannot become another user’s by logging in again.',
    source: KIP_368,
    apis: [SaslAuthenticate, SaslHandshake],
    topic: 'security',
    versions: { min: 1 },
    needs: ['sasl-plain', 're-authentication'],
    run: async (t) => {
      const client = await shaken(t, 'PLAIN', 'renewal')
      await client.ask(SaslAuthenticate, { authBytes: encodePlain(userOf(t, 'alice')) })
      await t.pause(1_100)
      await client.ask(SaslHandshake, { mechanism: 'PLAIN' }, { version: 1 })
      const authBytes = encodePlain(userOf(t, 'admin'))
      t.expect(await client.ask(SaslAuthenticate, { authBytes }), {
        errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
        errorMessage: nonEmpty,
      })
    },
  }),
]
