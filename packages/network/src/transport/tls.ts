import { isIP } from 'node:net'
import type {
  ConnectionOptions,
  TlsOptions as NodeTlsOptions,
  SecureContext,
  Server,
  TLSSocket,
} from 'node:tls'
import { InvalidArgumentError } from '@ottla/protocol'
import { formatAddress } from '../options/addresses.js'
import type { TcpConnection } from './tcp-connection.js'
import type { TlsOptions, TlsServerOptions } from './tls-options.js'
import { rememberSessions, sessionFor } from './tls-sessions.js'
import type { ConnectOptions } from './transport.js'

/** Loaded on first use: it makes a fifth of the time to start, and most processes have no TLS. */
const nodeTls = (): typeof import('node:tls') => process.getBuiltinModule('node:tls')

/** A client that says nothing holds a place this long. */
const handshakeTimeoutMs = 30_000

/** Certificates are parsed once per options object, not once per connection. */
const contexts = new WeakMap<TlsOptions | TlsServerOptions, SecureContext>()

const contextOf = (options: TlsOptions | TlsServerOptions): SecureContext => {
  let context = contexts.get(options)
  if (context === undefined) {
    try {
      context = nodeTls().createSecureContext(options as ConnectionOptions)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new InvalidArgumentError(
        `the option tls cannot be used: ${why}; ca, cert and key hold PEM text (not paths), and key belongs to cert`,
        { cause },
      )
    }
    contexts.set(options, context)
  }
  return context
}

/**
 * Begins to connect with TLS; 'secureConnect' follows. A reconnect resumes the session of the last one if the peer allows. The socket reads into the connection's buffers as a plain one does.
 *
 * @throws InvalidArgumentError when certificates or key cannot be read.
 */
export const dialTls = (
  options: ConnectOptions,
  tls: TlsOptions,
  connection: TcpConnection,
  addressOptions: object,
): TLSSocket => {
  const { host } = options
  // An IP address is no name to ask for (RFC 6066), but the certificate is still checked against it.
  const servername = tls.servername ?? (isIP(host) === 0 ? host : undefined)
  const address = formatAddress(options)
  const socket = nodeTls().connect({
    ...addressOptions,
    secureContext: contextOf(tls),
    session: sessionFor(tls, address),
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    ...(servername === undefined ? {} : { servername }),
    ...(tls.checkServerIdentity === undefined
      ? {}
      : { checkServerIdentity: tls.checkServerIdentity }),
    // Node's types name it for `net.Socket` only; `tls.connect` documents it too.
    onread: connection.onread,
  } as ConnectionOptions)
  rememberSessions(socket, tls, address)
  return socket
}

/**
 * A TLS server, not listening yet.
 *
 * @throws InvalidArgumentError when certificates or key cannot be read.
 */
export const createTlsServer = (
  tls: TlsServerOptions,
  onConnection: (socket: TLSSocket) => void,
): Server => {
  const { requestCert = false, rejectUnauthorized = true } = tls
  const { ca, cert, key, passphrase, pfx, minVersion, maxVersion, ciphers } = tls
  if (pfx === undefined && (cert === undefined || key === undefined)) {
    throw new InvalidArgumentError(
      'a TLS listener needs tls.cert and tls.key (PEM text), or tls.pfx',
    )
  }
  contextOf(tls)
  const options = { ca, cert, key, passphrase, pfx, minVersion, maxVersion, ciphers }
  return nodeTls().createServer(
    {
      ...options,
      requestCert,
      rejectUnauthorized,
      handshakeTimeout: handshakeTimeoutMs,
    } as NodeTlsOptions,
    onConnection,
  )
}

/**
 * The subject of the peer's certificate as Kafka writes it (`CN=trucks,OU=fleet,O=Ottla`); undefined when it has none that
 * was verified.
 */
export const subjectOf = (socket: TLSSocket): string | undefined => {
  if (!socket.authorized) return undefined
  // One attribute a line in the order of the certificate; RFC 2253 begins with the last.
  return socket.getPeerX509Certificate()?.subject?.split('\n').reverse().join(',')
}
