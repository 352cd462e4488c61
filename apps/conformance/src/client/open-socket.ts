import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TlsSettings } from '../target.js'
import { parseAddress } from './address.js'

/** Where to connect and for how long to try. */
export interface SocketOptions {
  /** `HOST:PORT`; an IPv6 host in brackets. */
  readonly address: string
  readonly tls?: TlsSettings | undefined
  readonly deadlineMs: number
}

/**
 * Opens a plain or encrypted connection.
 * @throws Error when it is refused or takes too long
 */
export function openSocket({ address, tls, deadlineMs }: SocketOptions): Promise<Socket> {
  const { host, port } = parseAddress(address)
  const socket = tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tls })
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy()
      reject(new Error(`cannot connect to ${address}: ${error.message}`, { cause: error }))
    }
    const timer = setTimeout(() => fail(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs)
    socket.once('error', fail)
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer))
  })
}
