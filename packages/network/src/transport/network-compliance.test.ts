import { afterEach, describe, expect, it } from 'vitest'
import { pem } from '../../test/certificates.js'
import { systemClock } from '../platform/clock.js'
import { systemRandom } from '../platform/random.js'
import { createMemoryNetwork } from './memory.js'
import { tcpNetwork } from './tcp.js'
import type { ConnectionHandler, FramedConnection, Listener, Network } from './transport.js'

/** One end under test: collects what happens and lets the test wait for it. */
class Recorder implements ConnectionHandler {
  readonly frames: Uint8Array[] = []
  drains = 0
  closes: (Error | undefined)[] = []
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = []
  react: (frame: Uint8Array) => void = () => {}

  onFrame(frame: Uint8Array): void {
    this.frames.push(frame)
    this.react(frame)
    this.#wake()
  }

  onDrain(): void {
    this.drains++
    this.#wake()
  }

  onClose(error?: Error): void {
    this.closes.push(error)
    this.#wake()
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }))
  }

  get text(): string[] {
    return this.frames.map((frame) => Buffer.from(frame).toString())
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ holds }) => holds())
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter))
    for (const { resolve } of ready) resolve()
  }
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

interface Pair {
  readonly client: FramedConnection
  readonly server: FramedConnection
  readonly clientSide: Recorder
  readonly serverSide: Recorder
}

/** What every network must do, whatever carries the bytes. */
const networkCompliance = (name: string, network: Network): void => {
  describe(`${name} network`, () => {
    const listeners: Listener[] = []
    const connections: FramedConnection[] = []

    afterEach(async () => {
      for (const connection of connections.splice(0)) connection.destroy()
      await Promise.all(listeners.splice(0).map((listener) => listener.close()))
    })

    const connectPair = async (maxFrameBytes = 64 * 1024 * 1024): Promise<Pair> => {
      const serverSide = new Recorder()
      const clientSide = new Recorder()
      let accepted: (connection: FramedConnection) => void
      const server = new Promise<FramedConnection>((resolve) => {
        accepted = resolve
      })
      const listener = await network.listen(
        { host: '127.0.0.1', port: 0, maxFrameBytes },
        (connection) => {
          accepted(connection)
          return serverSide
        },
      )
      listeners.push(listener)
      const client = await network.connect(
        { host: '127.0.0.1', port: listener.port, timeoutMs: 5000, maxFrameBytes },
        clientSide,
      )
      connections.push(client, await server)
      return { client, server: await server, clientSide, serverSide }
    }

    it('carries frames both ways, in order, small and large, empty ones too', async () => {
      const { client, server, clientSide, serverSide } = await connectPair()
      const sizes = [0, 1, 100, 4096, 20_000, 3, 1_500_000, 0, 70_000]
      for (const [index, size] of sizes.entries()) client.send(filled(size, index))
      server.send([bytes('he'), bytes(''), bytes('llo')])
      await serverSide.until(() => serverSide.frames.length === sizes.length)
      await clientSide.until(() => clientSide.frames.length === 1)
      expect(serverSide.frames.map((frame) => frame.length)).toEqual(sizes)
      for (const [index, frame] of serverSide.frames.entries()) {
        expect(frame.every((byte) => byte === index)).toBe(true)
      }
      expect(clientSide.text).toEqual(['hello'])
    })

    it('never writes again into what it delivered', async () => {
      const { client, serverSide } = await connectPair()
      const kept: string[] = []
      serverSide.react = (frame) => kept.push(Buffer.from(frame).toString('latin1'))
      for (let i = 0; i < 3000; i++) client.send(filled((i * 37) % 5000, i % 256))
      await serverSide.until(() => serverSide.frames.length === 3000)
      expect(serverSide.frames.map((frame) => Buffer.from(frame).toString('latin1'))).toEqual(kept)
      expect(kept.map((text) => text.length)).toEqual(
        Array.from({ length: 3000 }, (_, i) => (i * 37) % 5000),
      )
    })

    it('copies small parts at once, so that a sender may reuse them', async () => {
      const { client, serverSide } = await connectPair()
      const shared = bytes('first')
      client.send(shared)
      shared.set(bytes('other'))
      client.send(shared)
      await serverSide.until(() => serverSide.frames.length === 2)
      expect(serverSide.text).toEqual(['first', 'other'])
    })

    it('says when to stop sending and when everything has left', async () => {
      const { client, server, clientSide, serverSide } = await connectPair()
      server.pause()
      let sent = 1
      while (client.send(filled(256 * 1024, 1))) sent++
      expect(client.bufferedBytes).toBeGreaterThan(1024 * 1024)
      expect(clientSide.drains).toBe(0)
      server.resume()
      await clientSide.until(() => clientSide.drains === 1)
      expect(client.bufferedBytes).toBe(0)
      await serverSide.until(() => serverSide.frames.length === sent)
    })

    it('delivers nothing while paused, also from inside onFrame', async () => {
      const { client, server, clientSide, serverSide } = await connectPair()
      serverSide.react = () => server.pause()
      clientSide.react = () => {}
      for (const text of ['a', 'b', 'c']) client.send(bytes(text))
      await serverSide.until(() => serverSide.frames.length === 1)
      server.send(bytes('only a'))
      await clientSide.until(() => clientSide.frames.length === 1)
      expect(serverSide.text).toEqual(['a'])
      server.resume()
      expect(serverSide.text).toEqual(['a'])
      await serverSide.until(() => serverSide.frames.length === 2)
      serverSide.react = () => {}
      server.resume()
      await serverSide.until(() => serverSide.frames.length === 3)
      expect(serverSide.text).toEqual(['a', 'b', 'c'])
    })

    it('keeps order through pauses with frames of every size', async () => {
      const { client, server, serverSide } = await connectPair()
      serverSide.react = (frame) => {
        if (frame.length % 7 !== 0) return
        server.pause()
        server.resume()
      }
      const sizes = Array.from({ length: 400 }, (_, i) => (i * 7919) % 50_000)
      for (const [index, size] of sizes.entries()) client.send(filled(size, index % 256))
      await serverSide.until(() => serverSide.frames.length === sizes.length)
      expect(serverSide.frames.map((frame) => frame.length)).toEqual(sizes)
      for (const [index, frame] of serverSide.frames.entries()) {
        expect(frame.every((byte) => byte === index % 256)).toBe(true)
      }
    })

    it('flushes on close, and both ends hear of it once, without an error', async () => {
      const { client, clientSide, serverSide } = await connectPair()
      client.send(filled(500_000, 9))
      client.close()
      client.close()
      await serverSide.until(() => serverSide.closes.length === 1)
      await clientSide.until(() => clientSide.closes.length === 1)
      expect(serverSide.frames.map((frame) => frame.length)).toEqual([500_000])
      expect(serverSide.closes).toEqual([undefined])
      expect(clientSide.closes).toEqual([undefined])
      expect(client.send(bytes('late'))).toBe(true)
    })

    it('hands the reason of a destroy to its own side', async () => {
      const { client, clientSide, serverSide } = await connectPair()
      const reason = new Error('enough')
      client.destroy(reason)
      client.destroy(new Error('twice'))
      await clientSide.until(() => clientSide.closes.length === 1)
      await serverSide.until(() => serverSide.closes.length === 1)
      expect(clientSide.closes).toEqual([reason])
    })

    it('refuses a frame above the limit and says so', async () => {
      const { client, serverSide, clientSide } = await connectPair(1000)
      client.send(filled(1000, 1))
      client.send(filled(1001, 2))
      await serverSide.until(() => serverSide.closes.length === 1)
      await clientSide.until(() => clientSide.closes.length === 1)
      expect(serverSide.frames.length).toBe(1)
      expect(serverSide.closes[0]).toMatchObject({ code: 'OTTLA_CONNECTION_FRAME_SIZE' })
      expect(serverSide.closes[0]?.message).toMatch(
        /1001 bytes was announced, but 1000 is the limit/,
      )
    })

    it('names both addresses', async () => {
      const { client, server } = await connectPair()
      expect(client.remoteAddress).toBe(server.localAddress)
      expect(client.localAddress).toBe(server.remoteAddress)
      expect(client.id).not.toBe(server.id)
    })

    it('lets the accepting side refuse at once', async () => {
      const listener = await network.listen(
        { host: '127.0.0.1', port: 0, maxFrameBytes: 1000 },
        (connection) => {
          connection.destroy()
          return new Recorder()
        },
      )
      listeners.push(listener)
      const side = new Recorder()
      await network.connect(
        { host: '127.0.0.1', port: listener.port, timeoutMs: 5000, maxFrameBytes: 1000 },
        side,
      )
      await side.until(() => side.closes.length === 1)
    })

    it('fails to connect where nothing listens, and keeps its word about aborting', async () => {
      const listener = await network.listen(
        { host: '127.0.0.1', port: 0, maxFrameBytes: 1000 },
        () => new Recorder(),
      )
      const { port } = listener
      const options = { host: '127.0.0.1', port, timeoutMs: 5000, maxFrameBytes: 1000 }
      await expect(
        network.connect({ ...options, signal: AbortSignal.abort(new Error('no')) }, new Recorder()),
      ).rejects.toThrow('no')
      const abort = new AbortController()
      const attempt = network.connect({ ...options, signal: abort.signal }, new Recorder())
      abort.abort(new Error('not any more'))
      await expect(attempt).rejects.toThrow('not any more')
      await listener.close()
      await listener.close()
      await expect(network.connect(options, new Recorder())).rejects.toMatchObject({
        code: 'OTTLA_CONNECTION',
        node: `127.0.0.1:${port}`,
      })
    })

    it('can die in the middle of a frame', async () => {
      const { client, clientSide, server } = await connectPair()
      server.send(bytes('whole'))
      server.closeMidFrame(filled(1000, 1))
      await clientSide.until(() => clientSide.closes.length === 1)
      expect(clientSide.text).toEqual(['whole'])
      expect(clientSide.closes[0]?.message).toMatch(/ended in the middle of a frame/)
      expect(client.send(bytes('dropped'))).toBe(true)
    })

    it('says that a port is taken', async () => {
      const options = { host: '127.0.0.1', port: 0, maxFrameBytes: 1000 }
      const listener = await network.listen(options, () => new Recorder())
      listeners.push(listener)
      await expect(
        network.listen({ ...options, port: listener.port }, () => new Recorder()),
      ).rejects.toMatchObject({ code: 'OTTLA_ADDRESS_IN_USE' })
    })

    it('leaves accepted connections alone when the listener closes', async () => {
      const { client, serverSide } = await connectPair()
      await listeners[0]?.close()
      client.send(bytes('still here'))
      await serverSide.until(() => serverSide.frames.length === 1)
      expect(serverSide.text).toEqual(['still here'])
    })
  })
}

networkCompliance('tcp', tcpNetwork)
networkCompliance('tls', {
  connect: (options, handler) =>
    tcpNetwork.connect({ ...options, tls: { ca: pem('ca') } }, handler),
  listen: (options, accept) =>
    tcpNetwork.listen({ ...options, tls: { cert: pem('server'), key: pem('server-key') } }, accept),
})
networkCompliance('memory', createMemoryNetwork({ clock: systemClock, random: systemRandom }))
