import { createServer, type Server, Socket } from 'node:net'
import { ConnectionError, TimeoutError } from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { formatAddress } from '../options/addresses.js'
import { onAbort } from '../retry/on-abort.js'
import { TcpConnection } from './tcp-connection.js'
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

/** Connections over TCP. A host name is resolved to all its addresses, which are tried in turn. */
export const tcpNetwork: Network = {
  connect: (options, handler) => connectTcp(options, handler),
  listen: (options, accept) => listenTcp(options, accept),
}

const connectTcp = (
  options: ConnectOptions,
  handler: ConnectionHandler,
): Promise<FramedConnection> =>
  new Promise((resolve, reject) => {
    const { host, port, timeoutMs, signal } = options
    if (signal?.aborted) return reject(signal.reason)
    const connection = new TcpConnection(options.maxFrameBytes)
    const socket = new Socket({ onread: connection.onread })
    const address = formatAddress(options)
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
    const onError = (error: NodeJS.ErrnoException): void => fail(connectFailure(address, error))
    const timer = setTimeout(() => fail(connectTimeout(address, timeoutMs)), Math.max(timeoutMs, 1))
    socket.once('error', onError)
    socket.connect({ host, port }, () =>
      end(() => {
        socket.setKeepAlive(true, keepAliveMs)
        connection.attach(socket)
        connection.start(handler)
        resolve(connection)
      }),
    )
  })

const listenTcp = (
  options: ListenOptions,
  accept: (connection: FramedConnection) => ConnectionHandler,
): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true }, (accepted) => {
      const connection = new TcpConnection(options.maxFrameBytes)
      connection.attach(adopt(accepted, connection))
      connection.start(accept(connection))
    })
    const { host, port } = options
    // After listening, errors are of single connections that could not be accepted (too many open files).
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(listenFailure(options, error))
      if (server.listening) {
        publish('ottla:listener:error', () => ({ address: formatAddress(options), error }))
      }
    })
    server.listen({ host, port }, () => resolve(listenerOf(server, host)))
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

const listenerOf = (server: Server, host: string): Listener => {
  const address = server.address()
  let closed: Promise<void> | undefined
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      closed ??= new Promise((resolve) => server.close(() => resolve()))
      return closed
    },
  }
}

const connectTimeout = (address: string, timeoutMs: number): TimeoutError =>
  new TimeoutError(
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

const connectFailure = (address: string, error: NodeJS.ErrnoException): ConnectionError => {
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
