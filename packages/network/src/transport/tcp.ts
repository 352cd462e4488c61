import { createServer, type LookupFunction, type Server, Socket } from 'node:net'
import { ConnectionError, type KafkaError, TimeoutError } from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { formatAddress } from '../options/addresses.js'
import { onAbort } from '../retry/on-abort.js'
import { BufferPool } from './buffer-pool.js'
import { plain, TcpConnection } from './tcp-connection.js'
import { createTlsServer, dialTls, subjectOf } from './tls.js'
import { tlsClientFailure, tlsFailure, tlsHandshakeEnded } from './tls-failure.js'
import type {
  ConnectionHandler,
  ConnectOptions,
  FramedConnection,
  Listener,
  ListenOptions,
  Network,
} from './transport.js'

/** Probes a silent peer after this long, so that one that vanished without a word is noticed. */
const keepAliveMs = 60_000

/** Memory that a listener's connections keep for the next large frames. */
const pooledBytes = 8 * 1024 * 1024

/** A network of TCP sockets that finds the addresses of host names by `lookup` (default: the system's way). */
export const createTcpNetwork = (lookup?: LookupFunction): Network => ({
  connect: (options, handler) => connectTcp(options, handler, lookup),
  listen: (options, accept) => listenTcp(options, accept),
})

/** Connections over TCP, with TLS where asked for. A host name is resolved to all its addresses, which are tried in turn. */
export const tcpNetwork: Network = createTcpNetwork()

const connectTcp = (
  options: ConnectOptions,
  handler: ConnectionHandler,
  lookup: LookupFunction | undefined,
): Promise<FramedConnection> =>
  new Promise((resolve, reject) => {
    const { timeoutMs, signal, tls } = options
    if (signal?.aborted) return reject(signal.reason)
    const connection = new TcpConnection(options.maxFrameBytes)
    const address = formatAddress(options)
    const socket = dial(options, connection, lookup)
    let isConnected = false
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      ignoreAbort()
      socket.off('error', onError)
      settle()
    }
    const fail = (error: unknown): void =>
      end(() => {
        socket.on('error', () => {})
        socket.once('close', () => reject(error))
        socket.destroy()
      })
    const ignoreAbort = onAbort(signal, () => fail(signal?.reason))
    const onError = (error: NodeJS.ErrnoException): void =>
      fail(connectFailure(address, error, isConnected))
    const timer = setTimeout(
      () => fail(connectTimeout(address, timeoutMs, isConnected)),
      Math.max(timeoutMs, 1),
    )
    socket.once('error', onError)
    socket.once('connect', () => {
      isConnected = true
    })
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () =>
      end(() => {
        socket.setKeepAlive(true, keepAliveMs)
        connection.attach(socket, tls === undefined ? plain : { encrypted: true })
        connection.start(handler)
        resolve(connection)
      }),
    )
  })

/** Begins to connect; the caller listens for what follows. */
const dial = (
  options: ConnectOptions,
  connection: TcpConnection,
  lookup: LookupFunction | undefined,
): Socket => {
  const { host, port, timeoutMs, tls } = options
  // Of several addresses each gets its share of the time: Node's default of 250 ms is less than a slow link takes.
  const autoSelectFamilyAttemptTimeout = Math.max(250, Math.floor(timeoutMs / 10))
  const waits = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout }
  const target = { host, port, ...waits, ...(lookup === undefined ? {} : { lookup }) }
  if (tls !== undefined) return dialTls(options, tls, connection, target)
  return new Socket({ onread: connection.onread }).connect(target)
}

const listenTcp = (
  options: ListenOptions,
  accept: (connection: FramedConnection) => ConnectionHandler,
): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const { host, port, tls } = options
    const pool = new BufferPool(pooledBytes)
    const begin = (connection: TcpConnection): void => connection.start(accept(connection))
    const server =
      tls === undefined
        ? createServer({ pauseOnConnect: true }, (accepted) => {
            const connection = new TcpConnection(options.maxFrameBytes, pool)
            connection.attach(adopt(accepted, connection), plain)
            begin(connection)
          })
        : createTlsServer(tls, (accepted) => {
            const connection = new TcpConnection(options.maxFrameBytes, pool)
            connection.attach(accepted, { encrypted: true, peerSubject: subjectOf(accepted) })
            begin(connection)
          })
    const report = (error: Error): void =>
      publish('ottla:listener:error', () => ({ address: formatAddress(options), error }))
    // After listening, errors are of single connections that could not be accepted (too many open files).
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(listenFailure(options, error))
      if (server.listening) report(error)
    })
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      report(tlsClientFailure(formatAddress(remoteOf(socket)), error))
    })
    server.listen({ host, port }, () => resolve(listenerOf(server, host, tls !== undefined)))
  })

const remoteOf = ({ remoteAddress = '?', remotePort = 0 }: Socket) => ({
  host: remoteAddress,
  port: remotePort,
})

/**
 * Moves an accepted connection to a socket that reads into our buffers. Node gives accepted sockets no `onread`, so
 * the handle underneath changes its socket; it has no public name. Where it is missing, the socket stays and reads
 * through 'data' events, with a copy.
 */
const adopt = (accepted: Socket, connection: TcpConnection): Socket => {
  const holder = accepted as { _handle?: object | null }
  const handle = holder._handle
  if (handle === undefined || handle === null) return accepted
  // Without its handle the old socket dies at once and the server stops counting it.
  holder._handle = null
  accepted.destroy()
  const options: ConstructorParameters<typeof Socket>[0] & { handle: object } = {
    handle,
    onread: connection.onread,
  }
  return new Socket(options)
}

const listenerOf = (server: Server, host: string, encrypted: boolean): Listener => {
  const address = server.address()
  let closed: Promise<void> | undefined
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve())
        // The port is free at once; 'close' would also wait for the connections that TLS accepted.
        if (encrypted) setImmediate(resolve)
      })
      return closed
    },
  }
}

const connectTimeout = (address: string, timeoutMs: number, isConnected: boolean): KafkaError =>
  isConnected
    ? tlsHandshakeEnded(address, `did not answer within ${timeoutMs} ms`)
    : new TimeoutError(
        `no connection to ${address} within ${timeoutMs} ms; check that the address can be reached from here (firewall, advertised address of the broker)`,
        { code: 'OTTLA_TIMEOUT_CONNECT', node: address },
      )

const connectAdvice: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there; check that the broker runs and that the port is right',
  ENOTFOUND:
    'the host name does not resolve; check bootstrapServers or the address the broker advertises',
  EAI_AGAIN: 'the name service does not answer; check the network',
  EHOSTUNREACH: 'there is no route to the host; check the network',
  ENETUNREACH: 'there is no route to the network; check the network',
}

const connectFailure = (
  address: string,
  error: NodeJS.ErrnoException,
  isConnected: boolean,
): KafkaError => {
  const ofTls = tlsFailure(address, error)
  if (ofTls !== undefined) return ofTls
  if (isConnected) return tlsHandshakeEnded(address, 'closed the connection', error)
  // Several addresses of one host fail together as an AggregateError without a message.
  const why = error.message || error.code || 'unknown reason'
  const advice = connectAdvice[error.code ?? ''] ?? 'check address and network'
  return new ConnectionError(`cannot connect to ${address}: ${why}; ${advice}`, {
    node: address,
    cause: error,
  })
}

const listenFailure = (options: ListenOptions, error: NodeJS.ErrnoException): ConnectionError => {
  const address = formatAddress(options)
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is taken; choose another one, or 0 for any'
      : error.message
  return new ConnectionError(`cannot listen on ${address}: ${why}`, {
    code: error.code === 'EADDRINUSE' ? 'OTTLA_ADDRESS_IN_USE' : 'OTTLA_CONNECTION',
    retriable: false,
    node: address,
    cause: error,
  })
}
