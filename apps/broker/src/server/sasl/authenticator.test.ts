import { createVirtualClock } from '@ottla/network/simulation'
import {
  ApiVersions,
  ErrorCode,
  encodeOauthBearer,
  encodePlain,
  Metadata,
  parseScramServerFirst,
  SaslAuthenticate,
  SaslHandshake,
  scramClientFinal,
  scramClientFirst,
  scramCredential,
} from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { saltPassword, scramCryptoOf } from '../../scram.js'
import { SaslAuthenticator, type SaslOptions } from './authenticator.js'
import { OauthBearerExchange, type ValidateToken } from './oauthbearer-exchange.js'
import { PlainExchange } from './plain-exchange.js'
import { ScramExchange } from './scram-exchange.js'
import { readUnsecuredToken } from './unsecured-token.js'

const nowMs = 1_000_000
const salt = Buffer.from('a salt of this user')
const mechanism = 'SCRAM-SHA-256'
const crypto = scramCryptoOf(mechanism)
const credential = {
  salt,
  iterations: 4096,
  ...scramCredential(crypto, saltPassword(mechanism, 'pencil', salt, 4096)),
}

const clock = createVirtualClock()

const start = ({ maxReauthMs = 0 } = {}): SaslAuthenticator => {
  const options: SaslOptions = {
    mechanisms: ['PLAIN', mechanism, 'OAUTHBEARER'],
    maxReauthMs: () => maxReauthMs,
    begin: (chosen) => {
      if (chosen === 'PLAIN') {
        return new PlainExchange((user) => ({ alice: 'secret', bob: 'other' })[user])
      }
      if (chosen === 'OAUTHBEARER') {
        const validate: ValidateToken = (text, { nowMs: now }) =>
          text === 'slow' ? new Promise(() => {}) : readUnsecuredToken(text, now)
        return new OauthBearerExchange(validate, clock)
      }
      return new ScramExchange({
        mechanism,
        serverNonce: 'server',
        credentialOf: (user) => (user === 'alice' ? credential : undefined),
      })
    },
  }
  return new SaslAuthenticator(options)
}

const plain = (username: string, password: string, authorizationId = ''): Uint8Array =>
  encodePlain({ username, password, authorizationId })

const login = async (sasl: SaslAuthenticator, token: Uint8Array, atMs = nowMs) => {
  sasl.handshake('PLAIN', 1, atMs)
  return sasl.authenticate(token, atMs)
}

const jwt = (claims: object, header: object = { alg: 'none' }, signature = ''): string =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat(signature)
    .join('.')

describe('SaslAuthenticator', () => {
  it('admits ApiVersions once, then only the handshake, then only tokens, then everything', async () => {
    const sasl = start()
    const admitted = (): string[] =>
      [ApiVersions, SaslHandshake, SaslAuthenticate, Metadata]
        .filter((api) => sasl.admit(api, nowMs) === undefined)
        .map(({ name }) => name)
    expect(admitted()).toEqual(['ApiVersions', 'SaslHandshake'])
    sasl.versionsSent()
    expect(admitted()).toEqual(['SaslHandshake'])
    expect(sasl.handshake('PLAIN', 1, nowMs)).toEqual({
      errorCode: ErrorCode.NONE,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'],
    })
    expect(sasl.admit(SaslAuthenticate, nowMs)).toBeUndefined()
    expect(sasl.user).toBeUndefined()
    expect(await sasl.authenticate(plain('alice', 'secret'), nowMs)).toMatchObject({
      errorCode: ErrorCode.NONE,
      sessionLifetimeMs: 0n,
    })
    expect(sasl.user).toBe('alice')
    expect(admitted()).toEqual(['ApiVersions', 'SaslHandshake', 'SaslAuthenticate', 'Metadata'])
  })

  it('fails over anything but a token, which is answered then', () => {
    const sasl = start()
    sasl.handshake('PLAIN', 1, nowMs)
    expect(sasl.failure).toBeUndefined()
    expect(sasl.admit(Metadata, nowMs)).toMatch(/in the place of a token/)
    expect(sasl.failure).toBe(sasl.admit(SaslAuthenticate, nowMs))
  })

  it('lists its mechanisms to a client that wants another, and is done with it', () => {
    const sasl = start()
    expect(sasl.handshake('GSSAPI', 1, nowMs)).toEqual({
      errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'],
    })
    expect(sasl.failure).toBe('Unsupported SASL mechanism GSSAPI')
    expect(sasl.admit(SaslHandshake, nowMs)).toBeDefined()
  })

  const wrong = 'Authentication failed: Invalid username or password'
  const parts = (count: number): string =>
    `Invalid SASL/PLAIN response: expected 3 tokens, got ${count}`
  it.each([
    ['a wrong password', plain('alice', 'guess'), wrong],
    ['an unknown user', plain('carol', 'secret'), wrong],
    ['no password', plain('alice', ''), 'Authentication failed: password not specified'],
    ['no user', plain('', 'secret'), 'Authentication failed: username not specified'],
    ['a token of two parts', Buffer.from('alice\0secret'), parts(2)],
    ['a token of six parts', Buffer.from('\0alice\0secret\0\0\0'), parts(4)],
    ['an empty token', Buffer.alloc(0), parts(1)],
    [
      'another authorization id',
      plain('alice', 'secret', 'bob'),
      'Authentication failed: Client requested an authorization id that is different from username',
    ],
  ])('refuses %s of PLAIN in the words of Kafka', async (_, token, errorMessage) => {
    const sasl = start()
    expect(await login(sasl, token)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage,
    })
    expect(sasl.failure).toContain(errorMessage)
    expect(sasl.user).toBeUndefined()
  })

  const scram = async (username: string, password: string) => {
    const sasl = start()
    sasl.handshake(mechanism, 1, nowMs)
    const clientFirst = scramClientFirst({ username, nonce: 'client' })
    const first = await sasl.authenticate(clientFirst.message, nowMs)
    if (first.errorCode !== ErrorCode.NONE) return { sasl, last: first }
    const serverFirst = parseScramServerFirst(first.authBytes, 'client')
    const saltedPassword = saltPassword(mechanism, password, serverFirst.salt, 4096)
    const { message } = scramClientFinal({ crypto, saltedPassword, clientFirst, serverFirst })
    return { sasl, last: await sasl.authenticate(message, nowMs) }
  }

  it('lets SCRAM in, and tells a wrong password and a wrong user the same', async () => {
    const { sasl, last } = await scram('alice', 'pencil')
    expect(last.errorCode).toBe(ErrorCode.NONE)
    expect(Buffer.from(last.authBytes).toString()).toMatch(/^v=/)
    expect(sasl.user).toBe('alice')
    const errorMessage =
      'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256'
    const refused = { errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED, errorMessage }
    expect((await scram('alice', 'pen')).last).toMatchObject(refused)
    expect((await scram('carol', 'pencil')).last).toMatchObject(refused)
  })

  const token = (text: string, authorizationId = ''): Uint8Array =>
    encodeOauthBearer({ token: text, authorizationId })

  it('believes an unsigned token until it expires', async () => {
    const sasl = start()
    sasl.handshake('OAUTHBEARER', 1, nowMs)
    const answer = await sasl.authenticate(token(jwt({ sub: 'alice', exp: 1060 })), nowMs)
    expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, sessionLifetimeMs: 60_000n })
    expect(sasl.user).toBe('alice')
    expect(sasl.admit(Metadata, 1_060_000)).toBeUndefined()
    expect(sasl.admit(Metadata, 1_060_001)).toMatch(/session is over/)
    expect(sasl.admit(SaslHandshake, 1_060_001)).toBeUndefined()
  })

  it.each([
    ['expired', jwt({ sub: 'alice', exp: 999 })],
    ['without an end', jwt({ sub: 'alice' })],
    ['without a subject', jwt({ exp: 2000 })],
    ['signed', jwt({ sub: 'alice', exp: 2000 }, { alg: 'none' }, 'c2lnbmVk')],
    ['of another algorithm', jwt({ sub: 'alice', exp: 2000 }, { alg: 'HS256' })],
    ['issued after its end', jwt({ sub: 'alice', exp: 2000, iat: 3000 })],
    ['of two parts', 'a.b'],
    ['that is no JSON', 'YQ.YQ.'],
  ])('refuses a token %s with a reason in JSON, then for good', async (_, text) => {
    const sasl = start()
    sasl.handshake('OAUTHBEARER', 1, nowMs)
    const first = await sasl.authenticate(token(text), nowMs)
    expect(first.errorCode).toBe(ErrorCode.NONE)
    const reason = Buffer.from(first.authBytes).toString()
    expect(JSON.parse(reason)).toEqual({ status: 'invalid_token' })
    expect(sasl.failure).toBeUndefined()
    expect(await sasl.authenticate(Uint8Array.of(1), nowMs)).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: reason,
    })
    expect(sasl.failure).toBe(reason)
  })

  it('waits 10 s at most for the check of a token', async () => {
    const sasl = start()
    sasl.handshake('OAUTHBEARER', 1, nowMs)
    const answer = sasl.authenticate(token('slow'), nowMs)
    await clock.advance(10_000)
    expect(Buffer.from((await answer).authBytes).toString()).toContain('invalid_token')
  })

  it('lets nobody act as someone else with a token', async () => {
    const sasl = start()
    sasl.handshake('OAUTHBEARER', 1, nowMs)
    const answer = await sasl.authenticate(token(jwt({ sub: 'alice', exp: 1060 }), 'bob'), nowMs)
    expect(answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
  })

  it('takes a second authentication only where sessions end, and at most once a second', async () => {
    const endless = start()
    await login(endless, plain('alice', 'secret'))
    const outOfPlace = { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }
    expect(endless.handshake('PLAIN', 1, nowMs)).toEqual(outOfPlace)
    expect(endless.user).toBe('alice')
    expect(await endless.authenticate(plain('alice', 'secret'), nowMs)).toMatchObject({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
    })
    const limited = start({ maxReauthMs: 5000 })
    expect(await login(limited, plain('alice', 'secret'))).toMatchObject({
      sessionLifetimeMs: 5000n,
    })
    expect(limited.admit(Metadata, nowMs + 5001)).toMatch(/session is over/)
    expect(await login(limited, plain('alice', 'secret'), nowMs + 5001)).toMatchObject({
      errorCode: ErrorCode.NONE,
    })
    expect(limited.admit(Metadata, nowMs + 5002)).toBeUndefined()
    expect(limited.handshake('PLAIN', 1, nowMs + 5500)).toEqual(outOfPlace)
  })

  it('keeps user and mechanism through a re-authentication', async () => {
    const changed = start({ maxReauthMs: 5000 })
    await login(changed, plain('alice', 'secret'))
    changed.handshake('PLAIN', 1, nowMs)
    expect(changed.user).toBe('alice')
    expect(await changed.authenticate(plain('bob', 'other'), nowMs)).toMatchObject({
      errorMessage: 'Cannot change principals during re-authentication from User.alice: User.bob',
    })
    const switched = start({ maxReauthMs: 5000 })
    await login(switched, plain('alice', 'secret'))
    switched.handshake(mechanism, 1, nowMs)
    await switched.authenticate(Buffer.from('n,,n=alice,r=x'), nowMs)
    expect(switched.failure).toMatch(/not supported for re-authentication of mechanism 'PLAIN'/)
  })

  it('takes tokens without headers after a handshake of version 0', () => {
    const sasl = start()
    sasl.handshake('PLAIN', 0, nowMs)
    expect(sasl.takesRawTokens).toBe(true)
    const modern = start()
    modern.handshake('PLAIN', 1, nowMs)
    expect(modern.takesRawTokens).toBe(false)
  })
})
