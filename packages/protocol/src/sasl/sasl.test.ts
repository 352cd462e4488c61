import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AuthenticationError, InvalidArgumentError, WireError } from '../errors.js'
import {
  checkScramProof,
  checkScramServerFinal,
  decodeOauthBearer,
  decodeOauthBearerFailure,
  decodePlain,
  encodeOauthBearer,
  encodeOauthBearerFailure,
  encodePlain,
  encodeScramFailure,
  encodeScramServerFirst,
  parseScramClientFirst,
  parseScramServerFirst,
  type ScramCrypto,
  type ScramMechanism,
  scramClientFinal,
  scramClientFirst,
  scramCredential,
  scramMechanisms,
} from './index.js'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

const cryptoOf = (mechanism: ScramMechanism): ScramCrypto => {
  const { hash } = scramMechanisms[mechanism]
  return {
    hash: (bytes) => createHash(hash).update(bytes).digest(),
    hmac: (key, bytes) => createHmac(hash, key).update(bytes).digest(),
  }
}

const salted = (
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
) => {
  const { hash, keyBytes } = scramMechanisms[mechanism]
  return pbkdf2Sync(password, salt, iterations, keyBytes, hash)
}

describe('PLAIN', () => {
  it('writes authorization id, user and password', () => {
    const token = encodePlain({ username: 'alice', password: 'pä=ss' })
    expect(text(token)).toBe('\0alice\0pä=ss')
    expect(decodePlain(token)).toEqual({
      authorizationId: '',
      username: 'alice',
      password: 'pä=ss',
    })
  })

  it('refuses NULs and malformed tokens', () => {
    expect(() => encodePlain({ username: 'a\0b', password: '' })).toThrow(InvalidArgumentError)
    for (const token of ['', 'alice', 'alice\0pass', '\0\0pass', '\0a\0b\0c']) {
      expect(() => decodePlain(Buffer.from(token))).toThrow(WireError)
    }
  })
})

describe('OAUTHBEARER', () => {
  it('writes and reads token and extensions', () => {
    const message = encodeOauthBearer({ token: 'abc.def', extensions: { logicalCluster: 'lkc-1' } })
    expect(text(message)).toBe('n,,\u0001auth=Bearer abc.def\u0001logicalCluster=lkc-1\u0001\u0001')
    expect(decodeOauthBearer(message)).toEqual({
      token: 'abc.def',
      authorizationId: '',
      extensions: { logicalCluster: 'lkc-1' },
    })
    const forBob = encodeOauthBearer({ token: 't', authorizationId: 'b,ob=1' })
    expect(text(forBob)).toBe('n,a=b=2Cob=3D1,\u0001auth=Bearer t\u0001\u0001')
    expect(decodeOauthBearer(forBob).authorizationId).toBe('b,ob=1')
  })

  it('refuses bad tokens, extensions and messages', () => {
    expect(() => encodeOauthBearer({ token: 'a b' })).toThrow(InvalidArgumentError)
    const refused: Record<string, string>[] = [{ auth: 'x' }, { 'a-b': 'x' }, { a: '\u0001' }]
    for (const extensions of refused) {
      expect(() => encodeOauthBearer({ token: 't', extensions })).toThrow(InvalidArgumentError)
    }
    for (const message of [
      '',
      'n,,',
      'n,,\u0001\u0001',
      'y,,\u0001auth=Bearer t\u0001\u0001',
      'n,,\u0001auth=Bearer t\u0001',
      'n,,\u0001auth=Basic t\u0001\u0001',
      'n,a=x=,\u0001auth=Bearer t\u0001\u0001',
    ]) {
      expect(() => decodeOauthBearer(Buffer.from(message))).toThrow(WireError)
    }
  })

  it('reads what the server says of a token', () => {
    expect(decodeOauthBearerFailure(new Uint8Array(0))).toBeUndefined()
    const failure = { status: 'invalid_token', scope: 'kafka', openidConfiguration: undefined }
    expect(decodeOauthBearerFailure(encodeOauthBearerFailure(failure))).toEqual(failure)
    expect(() => decodeOauthBearerFailure(Buffer.from('not JSON'))).toThrow(WireError)
    expect(() => decodeOauthBearerFailure(Buffer.from('null'))).toThrow(WireError)
  })
})

describe('SCRAM', () => {
  it('computes what RFC 7677 shows', () => {
    const crypto = cryptoOf('SCRAM-SHA-256')
    const clientFirst = scramClientFirst({ username: 'user', nonce: 'rOprNGfwEbeRWgbNEkqO' })
    expect(text(clientFirst.message)).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    const serverFirst = parseScramServerFirst(
      Buffer.from(
        'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      ),
      clientFirst.nonce,
    )
    const saltedPassword = salted('SCRAM-SHA-256', 'pencil', serverFirst.salt, 4096)
    const final = scramClientFinal({ crypto, saltedPassword, clientFirst, serverFirst })
    expect(text(final.message)).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    )
    checkScramServerFinal(
      Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='),
      final.serverSignature,
    )
  })

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    it(`lets client and server of ${mechanism} agree, and refuses a wrong password`, () => {
      const crypto = cryptoOf(mechanism)
      const salt = Buffer.from('salt of this user')
      const credential = scramCredential(crypto, salted(mechanism, 'sécret', salt, 4096))
      const exchange = (password: string) => {
        const clientFirst = scramClientFirst({
          username: 'a=b,c',
          nonce: 'client',
          tokenAuth: true,
        })
        const hello = parseScramClientFirst(clientFirst.message)
        expect(hello).toMatchObject({ username: 'a=b,c', nonce: 'client', tokenAuth: true })
        const first = encodeScramServerFirst({
          clientNonce: hello.nonce,
          serverNonce: 'server',
          salt,
          iterations: 4096,
        })
        const serverFirst = parseScramServerFirst(first.message, 'client')
        const saltedPassword = salted(mechanism, password, serverFirst.salt, serverFirst.iterations)
        const final = scramClientFinal({ crypto, saltedPassword, clientFirst, serverFirst })
        const { message } = final
        const answer = checkScramProof({
          crypto,
          credential,
          clientFirst: hello,
          serverFirst: first,
          message,
        })
        checkScramServerFinal(answer, final.serverSignature)
      }
      exchange('sécret')
      expect(() => exchange('secret')).toThrow(AuthenticationError)
    })
  }

  it('refuses a server that cannot be trusted or understood', () => {
    const refused = [
      'e=unknown-user',
      'r=cliendX,s=c2FsdA==,i=4096',
      'r=client,s=c2FsdA==,i=4096',
      'r=clientX,s=c2FsdA==,i=4095',
      'r=clientX,s=c2FsdA==,i=99999999',
    ]
    for (const message of refused) {
      expect(() => parseScramServerFirst(Buffer.from(message), 'client')).toThrow(
        AuthenticationError,
      )
    }
    for (const message of ['', 'r=clientX', 'r=clientX,s=c2FsdA=,i=4096', 's=c2FsdA==,i=4096']) {
      expect(() => parseScramServerFirst(Buffer.from(message), 'client')).toThrow(WireError)
    }
    const signature = Buffer.alloc(32)
    expect(() => checkScramServerFinal(encodeScramFailure('invalid-proof'), signature)).toThrow(
      /invalid-proof/,
    )
    expect(() => checkScramServerFinal(Buffer.from('v=AAAA'), signature)).toThrow(
      AuthenticationError,
    )
    expect(() => checkScramServerFinal(Buffer.from('x'), signature)).toThrow(WireError)
  })

  it('refuses a client that cannot be understood', () => {
    for (const message of [
      '',
      'n=user,r=x',
      'p=tls-unique,,n=user,r=x',
      'n,,n=us=er,r=x',
      'n,,r=x',
    ]) {
      expect(() => parseScramClientFirst(Buffer.from(message))).toThrow(WireError)
    }
  })
})
