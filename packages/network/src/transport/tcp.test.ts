import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { pem } from '../../test/certificates.js'
import { createTcpNetwork, tcpNetwork } from './tcp.js'
import type { TlsOptions, TlsServerOptions } from './tls-options.js'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const maxFrameBytes = 1000
const silent = { onFrame() {}, onClose() {} }

/** A name service that knows one host, `broker.test`, which has these addresses. */
const namesOf =
  (...addresses: readonly { readonly address: string; readonly family: 4 | 6 }[]): LookupFunction =>
  (host, _options, callback) => {
    if (host === 'broker.test') callback(null, [...addresses])
    else callback(Object.assign(new Error(`ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
  }

const dead = { address: '127.0.0.2', family: 4 } as const
const alive = { address: '127.0.0.1', family: 4 } as const
const deadSix = { address: '::1', family: 6 } as const

const listen = async (tls?: TlsServerOptions): Promise<number> => {
  const listener = await tcpNetwork.listen(
    { host: '127.0.0.1', port: 0, maxFrameBytes, tls },
    (connection) => {
      endings.push(() => connection.destroy())
      return silent
    },
  )
  endings.push(() => listener.close())
  return listener.port
}

const connect = async (
  lookup: LookupFunction,
  port: number,
  tls?: TlsOptions,
  host = 'broker.test',
) => {
  const network = createTcpNetwork(lookup)
  const options = { host, port, timeoutMs: 5000, maxFrameBytes, tls }
  const connection = await network.connect(options, silent)
  endings.push(() => connection.destroy())
  return connection
}

describe('a host name with several addresses', () => {
  it('leads to the first that answers, in plain text and with TLS', async () => {
    const port = await listen()
    await connect(namesOf(dead, deadSix, alive), port)
    await connect(namesOf(deadSix, dead, { ...dead, address: '127.0.0.3' }, alive), port)
    const tlsPort = await listen({ cert: pem('server'), key: pem('server-key') })
    const tls = { ca: pem('ca'), servername: 'localhost' }
    const connection = await connect(namesOf(dead, deadSix, alive), tlsPort, tls)
    expect(connection.encrypted).toBe(true)
  })

  it('names host and reason when none answers, or the name is not known', async () => {
    const port = await listen()
    await expect(connect(namesOf(dead, deadSix), port)).rejects.toMatchObject({
      code: 'OTTLA_CONNECTION',
      message: expect.stringMatching(/cannot connect to broker\.test:\d+: .*ECONNREFUSED/),
    })
    await expect(connect(namesOf(alive), port, undefined, 'other.test')).rejects.toThrow(
      /cannot connect to other\.test:\d+: ENOTFOUND other\.test; the host name does not resolve/,
    )
  })
})
