import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect as connectRaw, createServer, type Server, type Socket } from 'node:net'
import { connect as connectRawTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { KafkaError } from '@ottla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { pem } from '../../test/certificates.js'
import { tcpNetwork } from './tcp.js'
import type { TlsOptions, TlsServerOptions } from './tls-options.js'
import type { FramedConnection } from './transport.js'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const maxFrameBytes = 1_000_000
const limits = { host: '127.0.0.1', timeoutMs: 5000, maxFrameBytes }
const pair = (name: 'server' | 'client' | 'self-signed') => ({
  cert: pem(name),
  key: pem(`${name}-key`),
})

/** Listens, echoes, and keeps what it accepted. */
const listen = async (tls?: TlsServerOptions) => {
  const accepted: FramedConnection[] = []
  const ends: (Error | undefined)[] = []
  const listener = await tcpNetwork.listen({ ...limits, port: 0, tls }, (connection) => {
    accepted.push(connection)
    endings.push(() => connection.destroy())
    return {
      onFrame: (frame) => connection.send(frame),
      onClose: (error) => {
        ends.push(error)
      },
    }
  })
  endings.push(() => listener.close())
  return { port: listener.port, accepted, ends }
}

/** Connects, sends a frame and resolves with the connection when it is echoed; rejects with the reason of an end before. */
const talk = async (port: number, tls?: TlsOptions, host = '127.0.0.1') => {
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined
  const echoed = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  echoed.catch(() => {})
  const connection = await tcpNetwork.connect(
    { ...limits, host, port, tls },
    {
      onFrame: () => settle?.resolve(),
      onClose: (error) => settle?.reject(error ?? new Error('closed')),
    },
  )
  endings.push(() => connection.destroy())
  connection.send(Buffer.from('hello'))
  await echoed
  return connection
}

const failureOf = async (attempt: Promise<unknown>): Promise<KafkaError> =>
  attempt.then(
    () => {
      throw new Error('it worked')
    },
    (error) => error,
  )

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** A server of bytes: says something to whoever comes, or hangs up. */
const rawServer = async (answer: string | undefined): Promise<number> => {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer ?? ''))
  }).listen(0, '127.0.0.1')
  endings.push(() => server.close())
  await once(server, 'listening')
  return portOf(server)
}

describe('TLS', () => {
  it('says on both ends that it is there', async () => {
    const server = await listen(pair('server'))
    const client = await talk(server.port, { ca: pem('ca') })
    expect(client.encrypted).toBe(true)
    expect(server.accepted[0]).toMatchObject({ encrypted: true, peerSubject: undefined })
    const plainServer = await listen()
    expect((await talk(plainServer.port)).encrypted).toBe(false)
    expect(plainServer.accepted[0]?.encrypted).toBe(false)
  })

  it('asks for the name of the host, and for none where the host is an address', async () => {
    const names: (string | undefined)[] = []
    // The server of node:tls hears the name that was asked for.
    const server = createTlsServer({
      ...pair('server'),
      SNICallback: (name, done) => {
        names.push(name)
        done(null)
      },
    }).listen(0, 'localhost')
    server.on('secureConnection', (socket) => socket.pipe(socket))
    await once(server, 'listening')
    endings.push(() => server.close())
    const port = portOf(server)
    const ca = pem('ca')
    await talk(port, { ca }, 'localhost')
    await talk(port, { ca, servername: 'broker-1.test' }, 'localhost')
    expect(names).toEqual(['localhost', 'broker-1.test'])
    const { address } = server.address() as { readonly address: string }
    await talk(port, { ca }, address)
    expect(names).toHaveLength(2)
  })

  it('gives a listener the subject of a certificate it asked for', async () => {
    const server = await listen({ ...pair('server'), ca: pem('ca'), requestCert: true })
    await talk(server.port, { ca: pem('ca'), ...pair('client') })
    expect(server.accepted[0]?.peerSubject).toBe('CN=trucks,OU=fleet,O=Ottla')
    const error = await failureOf(talk(server.port, { ca: pem('ca') }))
    expect(error).toMatchObject({ code: 'OTTLA_AUTHENTICATION_TLS', fatal: true })
    expect(error.message).toMatch(/tls\.cert and tls\.key/)
    const lenient = await listen({
      ...pair('server'),
      ca: pem('ca'),
      requestCert: true,
      rejectUnauthorized: false,
    })
    await talk(lenient.port, { ca: pem('ca'), ...pair('self-signed') })
    expect(lenient.accepted[0]?.peerSubject).toBeUndefined()
  })

  it('resumes the session of an earlier connection with the same options', async () => {
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      const reused: boolean[] = []
      const server = createTlsServer({ ...pair('server'), maxVersion }, (socket) => {
        reused.push(socket.isSessionReused())
        socket.on('error', () => {}).pipe(socket)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      endings.push(() => server.close())
      const port = portOf(server)
      const tls = { ca: pem('ca') }
      await talk(port, tls)
      await talk(port, tls)
      // Other options may trust another way.
      await talk(port, { ca: pem('ca') })
      expect(reused).toEqual([false, true, false])
    }
  })

  it('never resumes what was not trusted, and knows the client of a resumed session', async () => {
    const server = await listen({ ...pair('server'), ca: pem('ca'), requestCert: true })
    const tls = { ca: pem('ca'), ...pair('client') }
    await talk(server.port, tls)
    await talk(server.port, tls)
    expect(server.accepted.map(({ peerSubject }) => peerSubject)).toEqual([
      'CN=trucks,OU=fleet,O=Ottla',
      'CN=trucks,OU=fleet,O=Ottla',
    ])
    const misnamed = { ca: pem('ca'), ...pair('client'), servername: 'other.test' }
    for (let attempt = 0; attempt < 2; attempt++) {
      expect((await failureOf(talk(server.port, misnamed))).message).toMatch(/another name/)
    }
  })

  it('says which option trusts a certificate', async () => {
    const selfSigned = await listen(pair('self-signed'))
    const error = await failureOf(talk(selfSigned.port, {}))
    expect(error).toMatchObject({ code: 'OTTLA_AUTHENTICATION_TLS', fatal: true, retriable: false })
    expect(error.message).toMatch(/self-signed; put that certificate into the option tls\.ca/)
    await talk(selfSigned.port, { ca: pem('self-signed') })
    await talk(selfSigned.port, { rejectUnauthorized: false })
    const signed = await listen(pair('server'))
    expect((await failureOf(talk(signed.port, {}))).message).toMatch(/authority.*tls\.ca/)
    const misnamed = talk(signed.port, { ca: pem('ca'), servername: 'other.test' })
    expect((await failureOf(misnamed)).message).toMatch(/another name.*tls\.servername/)
  })

  it('says that the other side speaks plain text', async () => {
    const broker = await listen()
    const error = await failureOf(talk(broker.port, {}))
    expect(error).toMatchObject({ code: 'OTTLA_CONNECTION_TLS' })
    expect(error.message).toMatch(/leave out the option tls/)
    expect(broker.ends[0]?.message).toMatch(/speaks TLS and this connection is in plain text/)
    const http = await failureOf(talk(await rawServer('HTTP/1.1 400 Bad Request\r\n\r\n'), {}))
    expect(http).toMatchObject({ code: 'OTTLA_CONNECTION_TLS', retriable: false })
    expect(http.message).toMatch(/does not speak TLS/)
    const silent = await failureOf(talk(await rawServer(undefined), {}))
    expect(silent.message).toMatch(/closed the connection in the TLS handshake/)
  })

  it('tells the listener which client spoke plain text, and goes on', async () => {
    const server = await listen(pair('server'))
    const errors: { error: Error }[] = []
    const hear = (event: unknown): void => void errors.push(event as { error: Error })
    subscribe('ottla:listener:error', hear)
    endings.push(() => unsubscribe('ottla:listener:error', hear))
    const socket = connectRaw(server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(Buffer.from([0, 0, 0, 30, 0, 18, 0, 4, 0, 0, 0, 0, ...Buffer.alloc(22)]))
    socket.resume()
    await once(socket, 'close')
    expect(errors[0]?.error.message).toMatch(/speaks plain text; it has to set its option tls/)
    await talk(server.port, { ca: pem('ca') })
  })

  it('ends a handshake that never comes when the time is up', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const held: Socket[] = []
    server.on('connection', (socket) => held.push(socket.on('error', () => {})))
    endings.push(() => server.close())
    endings.push(() => held.map((socket) => socket.destroy()))
    const port = portOf(server)
    const attempt = tcpNetwork.connect(
      { ...limits, port, tls: {}, timeoutMs: 50 },
      { onFrame() {}, onClose() {} },
    )
    expect((await failureOf(attempt)).message).toMatch(/did not answer within 50 ms in the TLS/)
  })

  it('refuses certificates that it cannot read, saying what they must be', async () => {
    const attempt = talk(1, { cert: '/etc/kafka/cert.pem', key: '/etc/kafka/key.pem' })
    expect(await failureOf(attempt)).toMatchObject({
      code: 'OTTLA_INVALID_ARGUMENT',
      message: expect.stringMatching(/hold PEM text \(not paths\)/),
    })
    const listening = tcpNetwork.listen({ ...limits, port: 0, tls: {} }, () => ({
      onFrame() {},
      onClose() {},
    }))
    expect((await failureOf(listening)).message).toMatch(/needs tls\.cert and tls\.key/)
  })

  it('ends a frame that was begun when the peer leaves', async () => {
    const server = await listen(pair('server'))
    const socket: TLSSocket = connectRawTls({ port: server.port, ca: pem('ca'), host: '127.0.0.1' })
    await once(socket, 'secureConnect')
    socket.end(Buffer.from([0, 0, 0, 100, 1, 2, 3]))
    await once(socket.resume(), 'close')
    expect(server.ends[0]?.message).toMatch(/ended in the middle of a frame/)
  })
})
