import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TcpConnection } from './tcp-connection.js'

const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Both ends of a connection as plain sockets, which know nothing of `onread`. */
const plainPair = async (): Promise<[Socket, Socket]> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  const [[accepted]] = (await Promise.all([
    once(server, 'connection'),
    once(client, 'connect'),
  ])) as [[Socket], unknown]
  server.close()
  sockets.push(client, accepted)
  return [client, accepted]
}

const framed = (payload: Uint8Array): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(payload.length)
  return Buffer.concat([size, payload])
}

describe('TcpConnection', () => {
  it('reads through data events where a socket cannot read into our buffers', async () => {
    const [client, accepted] = await plainPair()
    const connection = new TcpConnection(1_000_000)
    const frames: Uint8Array[] = []
    const sizes = Array.from({ length: 200 }, (_, index) => (index * 7919) % 60_000)
    connection.attach(accepted)
    const all = new Promise<void>((resolve) => {
      connection.start({
        onFrame(frame) {
          frames.push(frame)
          if (frames.length % 9 === 0) {
            connection.pause()
            connection.resume()
          }
          if (frames.length === sizes.length) resolve()
        },
        onClose() {},
      })
    })
    for (const [index, size] of sizes.entries()) client.write(framed(Buffer.alloc(size, index)))
    await all
    expect(frames.map((frame) => frame.length)).toEqual(sizes)
    expect(frames.every((frame, index) => frame.every((byte) => byte === index % 256))).toBe(true)
  })

  it('says that the peer stopped in the middle of a frame', async () => {
    const [client, accepted] = await plainPair()
    const connection = new TcpConnection(1000)
    connection.attach(accepted)
    const reason = new Promise<Error | undefined>((resolve) => {
      connection.start({ onFrame() {}, onClose: resolve })
    })
    client.end(framed(Buffer.alloc(100)).subarray(0, 50))
    expect((await reason)?.message).toMatch(/ended in the middle of a frame/)
  })

  it('turns an exception of the receiver into the reason of the end', async () => {
    const [client, accepted] = await plainPair()
    const connection = new TcpConnection(1000)
    connection.attach(accepted)
    const bug = new TypeError('a bug in a handler')
    const reason = new Promise<Error | undefined>((resolve) => {
      connection.start({
        onFrame() {
          throw bug
        },
        onClose: resolve,
      })
    })
    client.write(framed(Buffer.alloc(10)))
    expect(await reason).toBe(bug)
  })

  it('hands the frames of one turn to the socket together', async () => {
    const [client, accepted] = await plainPair()
    const connection = new TcpConnection(1000)
    connection.attach(accepted)
    connection.start({ onFrame() {}, onClose() {} })
    const write = vi.spyOn(accepted, 'write')
    for (let i = 0; i < 100; i++) connection.send(new Uint8Array(100))
    queueMicrotask(() => connection.send(new Uint8Array(100)))
    expect(connection.bufferedBytes).toBe(100 * 104)
    expect(write).not.toHaveBeenCalled()
    let received = 0
    for await (const chunk of client) {
      received += (chunk as Buffer).length
      if (received === 101 * 104) break
    }
    expect(write).toHaveBeenCalledTimes(1)
    expect(connection.bufferedBytes).toBe(0)
  })
})
