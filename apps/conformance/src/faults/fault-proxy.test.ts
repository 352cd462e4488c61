import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import {
  createFrameDecoder,
  decodeRequestBody,
  decodeRequestHeader,
  encodeRequestFrame,
  Fetch,
} from '@ottla/protocol'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { formatAddress, parseAddress } from '../client/address.js'
import { FaultProxy } from './fault-proxy.js'

describe('a fault proxy', () => {
  let proxy = new FaultProxy()
  afterEach(async () => {
    await proxy.close()
    proxy = new FaultProxy()
  })

  /** A target that does this with every connection. */
  async function listen(serve: (socket: Socket) => void): Promise<string> {
    const server = createServer(serve).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    return formatAddress({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  }

  it('ends a connection on which the target sends what is no frame', async () => {
    const target = await listen((socket) => {
      socket.on('error', () => undefined)
      socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
      socket.write(Buffer.from([0, 0, 0, 4]))
    })
    const client = connect(parseAddress(await proxy.listen(target)))
    client.resume()
    await once(client, 'close')
  })

  it('keeps a connection that the target ends, where that is the fault', async () => {
    const target = await listen((socket) => socket.end())
    proxy.fault = { name: 'open', rules: [], keepsOpen: true, apply: () => undefined }
    const client = connect(parseAddress(await proxy.listen(target)))
    await expect.poll(() => proxy.injected).toBeGreaterThan(0)
    expect(client.destroyed).toBe(false)
    client.destroy()
  })

  it('gives the target another request than the rule sent, where that is the fault', async () => {
    const frames = createFrameDecoder({ maxBytes: 1000 })
    const seen = new Promise<Uint8Array>((resolve) => {
      void listen((socket) => {
        socket.on('data', (chunk) => frames.push(chunk).forEach(resolve))
      }).then(async (target) => {
        const client = connect(parseAddress(await proxy.listen(target)))
        const request = { maxWaitMs: 500, minBytes: 1, topics: [] }
        client.write(encodeRequestFrame(Fetch, 12, { correlationId: 1, clientId: 'rule' }, request))
      })
    })
    proxy.fault = {
      name: 'does not wait',
      rules: [],
      apply: () => undefined,
      applyToRequest: (request) => ({ ...(request as object), maxWaitMs: 0 }),
    }
    const frame = await seen
    const { bodyOffset, correlationId, clientId } = decodeRequestHeader(frame)
    expect({ correlationId, clientId }).toEqual({ correlationId: 1, clientId: 'rule' })
    expect(decodeRequestBody(Fetch, 12, frame, bodyOffset)).toMatchObject({
      maxWaitMs: 0,
      minBytes: 1,
    })
    expect(proxy.injected).toBe(1)
  })

  it('has one address for a node, however many ask for it at once', async () => {
    const target = await listen((socket) => socket.end())
    const [one, other] = await Promise.all([proxy.listen(target), proxy.listen(target)])
    expect(other).toBe(one)
    expect(one).not.toBe(target)
  })

  it('refuses what is no address, and everything after it was closed', async () => {
    await expect(proxy.listen(':9092')).rejects.toThrow("HOST:PORT, not ':9092'")
    await proxy.close()
    await expect(proxy.listen('127.0.0.1:9092')).rejects.toThrow('closed')
  })
})
