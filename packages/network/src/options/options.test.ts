import { describe, expect, expectTypeOf, it } from 'vitest'
import { systemPlatform } from '../platform/platform.js'
import { type Address, formatAddress, parseAddress } from './addresses.js'
import { type ClientOptions, clientOptions } from './client-options.js'
import { defineOptions, type OptionsInput, type ResolvedOptions } from './define-options.js'
import { nearestName } from './nearest-name.js'
import { option } from './option.js'

const trucks = defineOptions('Truck', {
  name: option.requiredString({ doc: 'What it is called.' }),
  wheels: option.integer({ default: 4, min: 3, max: 18, doc: 'How many wheels.' }),
  load: option.number({ default: 0.5, min: 0, max: 1, doc: 'How full.' }),
  fuel: option.choice({
    default: 'diesel',
    choices: ['diesel', 'electric'],
    doc: 'What it burns.',
  }),
  owner: option.string({ default: undefined, doc: 'Whose it is.' }),
  isMoving: option.boolean({ default: false, doc: 'Whether it moves.' }),
  color: option.value<string | number, string>({
    default: '#000',
    doc: 'Its colour.',
    expected: 'a name or a number',
    read: (input) => (typeof input === 'boolean' ? undefined : String(input)),
  }),
})

describe('defineOptions', () => {
  it('fills in defaults and converts', () => {
    expect(trucks.resolve({ name: 'a', color: 7, owner: undefined })).toEqual({
      name: 'a',
      wheels: 4,
      load: 0.5,
      fuel: 'diesel',
      owner: undefined,
      isMoving: false,
      color: '7',
    })
  })

  it('infers what is written and what is got', () => {
    type Input = OptionsInput<typeof trucks.table>
    expectTypeOf<Input['name']>().toEqualTypeOf<string>()
    expectTypeOf<Input['wheels']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Input['fuel']>().toEqualTypeOf<'diesel' | 'electric' | undefined>()
    type Resolved = ResolvedOptions<typeof trucks.table>
    expectTypeOf<Resolved['color']>().toEqualTypeOf<string>()
    expectTypeOf<Resolved['owner']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<ClientOptions['bootstrapServers']>().toEqualTypeOf<string | readonly string[]>()
    // @ts-expect-error unknown names are refused by the compiler too
    expect(() => trucks.resolve({ name: 'a', wings: 2 })).toThrow()
  })

  const refusal = (input: object): string => {
    try {
      trucks.resolve(input as { name: string })
    } catch (error) {
      expect(error).toMatchObject({ code: 'OTTLA_INVALID_ARGUMENT' })
      return (error as Error).message
    }
    return 'accepted'
  }

  it('says what is wrong and what would be right', () => {
    expect(refusal({ name: 'a', weels: 4 })).toBe('Truck has no option weels. Did you mean wheels?')
    expect(refusal({ name: 'a', cargo: 4 })).toMatch(
      /^Truck has no option cargo\. Known are: name, /,
    )
    expect(refusal({})).toBe('Truck needs the option name: a non-empty string. What it is called.')
    expect(refusal({ name: 'a', wheels: 2 })).toBe(
      'Truck option wheels must be an integer from 3 to 18, not 2. How many wheels.',
    )
    expect(refusal({ name: 'a', wheels: 4.5 })).toMatch(/not 4\.5/)
    expect(refusal({ name: 'a', wheels: '4' })).toMatch(/not '4'/)
    expect(refusal({ name: 'a', load: Number.NaN })).toMatch(/a number from 0 to 1, not NaN/)
    expect(refusal({ name: 'a', fuel: 'coal' })).toMatch(/one of 'diesel', 'electric', not 'coal'/)
    expect(refusal({ name: '' })).toMatch(/name must be a non-empty string, not ''/)
    expect(refusal({ name: ['a'] })).toMatch(/not an array/)
    expect(refusal({ name: 'a', isMoving: null })).toMatch(/true or false, not null/)
    expect(refusal({ name: 'a', color: true })).toMatch(/a name or a number, not true/)
    expect(refusal([])).toMatch(/Truck takes an object of options, such as \{ name: … \}/)
    expect(refusal({ name: 'a', toString: 1 })).toMatch(/no option toString/)
  })
})

describe('nearestName', () => {
  it('sees through spelling, dots and case, and does not guess wildly', () => {
    const known = ['bootstrapServers', 'requestTimeoutMs', 'lingerMs', 'acks']
    expect(nearestName('bootstrap.servers', known)).toBe('bootstrapServers')
    expect(nearestName('BOOTSTRAP_SERVERS', known)).toBe('bootstrapServers')
    expect(nearestName('requestTimeout', known)).toBe('requestTimeoutMs')
    expect(nearestName('linger', known)).toBe('lingerMs')
    expect(nearestName('ssl', known)).toBeUndefined()
  })
})

describe('addresses', () => {
  it('are read in every usual form', () => {
    const cases: readonly (readonly [string, Address | undefined])[] = [
      ['kafka-1:9093', { host: 'kafka-1', port: 9093 }],
      [' localhost ', { host: 'localhost', port: 9092 }],
      ['[::1]:9092', { host: '::1', port: 9092 }],
      ['PLAINTEXT://10.0.0.1:1', { host: '10.0.0.1', port: 1 }],
      ['a:0', undefined],
      ['a:65536', undefined],
      ['a:b', undefined],
      ['::1', undefined],
      ['a b:1', undefined],
      ['', undefined],
    ]
    for (const [text, address] of cases) expect(parseAddress(text), text).toEqual(address)
    expect(formatAddress({ host: '::1', port: 5 })).toBe('[::1]:5')
  })
})

describe('clientOptions', () => {
  it('has the defaults of Kafka', () => {
    expect(clientOptions.resolve({ bootstrapServers: 'a:1, b:2' })).toEqual({
      bootstrapServers: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      clientId: 'ottla',
      requestTimeoutMs: 30_000,
      defaultApiTimeoutMs: 60_000,
      socketConnectionSetupTimeoutMs: 10_000,
      socketConnectionSetupTimeoutMaxMs: 30_000,
      reconnectBackoffMs: 50,
      reconnectBackoffMaxMs: 1000,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1000,
      metadataMaxAgeMs: 300_000,
      connectionsMaxIdleMs: 540_000,
      maxInFlightRequestsPerConnection: 5,
      maxResponseBytes: 134_217_728,
      tls: false,
      sasl: undefined,
      bootstrapResolveTimeoutMs: 5000,
      metadataRecoveryStrategy: 'rebootstrap',
      metadataRecoveryRebootstrapTriggerMs: 300_000,
      platform: systemPlatform,
    })
  })

  it('refuses addresses that are none', () => {
    for (const bootstrapServers of ['', [], ['a:b'], 'a:1,:2']) {
      expect(() => clientOptions.resolve({ bootstrapServers })).toThrow(
        /Client option bootstrapServers must be "host:port" addresses/,
      )
    }
  })

  const refusal = (options: object): string => {
    try {
      clientOptions.resolve({ bootstrapServers: 'a:1', ...options })
    } catch (error) {
      return (error as Error).message
    }
    return 'accepted'
  }

  it('knows what other clients call an option', () => {
    expect(refusal({ brokers: [] })).toMatch(/Did you mean bootstrapServers\?/)
    expect(refusal({ ssl: true })).toMatch(/Did you mean tls\?/)
    expect(refusal({ retry: { retries: 5 } })).toMatch(
      /no option retry: .*run\({ retry, deadLetter }\)\.$/,
    )
  })

  it('takes TLS as a switch or as certificates, which are no paths', () => {
    const resolve = (tls: boolean | object) =>
      clientOptions.resolve({ bootstrapServers: 'a:1', tls }).tls
    expect(resolve(true)).toEqual({})
    expect(resolve(false)).toBe(false)
    expect(resolve({ servername: 'b' })).toEqual({ servername: 'b' })
    expect(refusal({ tls: { ca: '/etc/ca.pem' } })).toMatch(
      /tls\.ca must be PEM text.*readFileSync/,
    )
    expect(refusal({ tls: { cert: '-----BEGIN' } })).toMatch(
      /tls\.cert and tls\.key belong together/,
    )
    expect(refusal({ tls: { serverName: 'b' } })).toMatch(/Did you mean servername\?/)
    expect(refusal({ tls: 'yes' })).toMatch(/Client option tls must be true, false or an object/)
  })

  it('takes SASL in any spelling, and shows no password', () => {
    const { sasl } = clientOptions.resolve({
      bootstrapServers: 'a:1',
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    })
    expect(sasl?.mechanism).toBe('SCRAM-SHA-512')
    expect(refusal({ sasl: { mechanism: 'GSSAPI' } })).toMatch(
      /one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, not 'GSSAPI'/,
    )
    expect(refusal({ sasl: { mechanism: 'plain', username: 'u' } })).toMatch(
      /sasl\.password must be a string for PLAIN; is its environment variable set\?/,
    )
    expect(refusal({ sasl: { mechanism: 'plain', user: 'u', password: 'hush' } })).toMatch(
      /sasl has no user with this mechanism. Known are: mechanism, username/,
    )
    expect(refusal({ sasl: { mechanism: 'oauthbearer', token: 'hush' } })).toMatch(
      /sasl\.token must be a function/,
    )
    const messages = [{ sasl: { mechanism: 'plain', username: '', password: 'hush' } }].map(refusal)
    expect(messages.join()).not.toMatch(/hush/)
  })
})
