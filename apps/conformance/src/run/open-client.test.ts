import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openClient } from './open-client.js'

it('a connection that cannot log in is closed', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const security = { credentials: { username: 'alice', password: 'secret' } }
  const { signal } = new AbortController()
  const options = { deadlineMs: 50, signal, versionFor: () => 0 }
  const closed = once(server, 'connection').then(([socket]: Socket[]) => {
    // Takes the handshake and does not answer it.
    return socket && once(socket.resume(), 'close')
  })
  await expect(openClient({ name: 'silent', address, security }, options)).rejects.toThrow('50 ms')
  await closed
})
