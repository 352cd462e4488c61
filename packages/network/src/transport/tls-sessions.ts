import type { TLSSocket } from 'node:tls'
import type { TlsOptions } from './tls-options.js'

/** So many addresses are remembered per options object; a client has few. */
const maxAddresses = 256

/**
 * Sessions to resume, by address and by the options they were made with: a resumed handshake leaves out the certificates, so it
 * must stand on a full one that was checked by the very same rules. It takes one round trip and no signature.
 */
const sessions = new WeakMap<TlsOptions, Map<string, Buffer>>()

/** The session to offer, undefined for a full handshake. */
export const sessionFor = (options: TlsOptions, address: string): Buffer | undefined =>
  sessions.get(options)?.get(address)

/**
 * Remembers the sessions that the peer grants, once it has been let in: with TLS 1.2 the session is there before the peer's name has
 * been checked. A handshake that fails forgets the one it offered.
 */
export const rememberSessions = (socket: TLSSocket, options: TlsOptions, address: string): void => {
  let latest: Buffer | undefined
  let isTrusted = false
  const keep = (): void => {
    if (isTrusted && latest !== undefined) remember(options, address, latest)
  }
  socket.on('session', (session) => {
    latest = session
    keep()
  })
  socket.once('secureConnect', () => {
    isTrusted = true
    keep()
  })
  socket.once('close', () => {
    if (!isTrusted) sessions.get(options)?.delete(address)
  })
}

const remember = (options: TlsOptions, address: string, session: Buffer): void => {
  let known = sessions.get(options)
  if (known === undefined) {
    known = new Map()
    sessions.set(options, known)
  }
  known.delete(address)
  known.set(address, session)
  const [oldest] = known.keys()
  if (known.size > maxAddresses && oldest !== undefined) known.delete(oldest)
}
