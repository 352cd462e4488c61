import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import {
  createFrameDecoder,
  decodeRequestBody,
  decodeRequestHeader,
  decodeResponse,
  encodeRequestFrame,
  encodeResponseFrame,
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

  it('plays back what the target answered, and ends a connection that asks for something else', async () => {
    let asked = 0
    const target = await listen((socket) => {
      const frames = createFrameDecoder({ maxBytes: 1000 })
      socket.on('data', (chunk) => {
        for (const frame of frames.push(chunk)) {
          const { correlationId, apiVersion } = decodeRequestHeader(frame)
          socket.write(
            encodeResponseFrame(Fetch, apiVersion, correlationId, {
              sessionId: ++asked,
              responses: [],
            }),
          )
        }
      })
    })
    const address = parseAddress(await proxy.listen(target))
    const ask = async (correlationId: number) => {
      const client = connect(address)
      const header = { correlationId, clientId: 'rule' }
      const request = { maxWaitMs: 500, minBytes: 1, topics: [] }
      client.write(encodeRequestFrame(Fetch, 12, header, request))
      const frames = createFrameDecoder({ maxBytes: 1000 })
      const answer = new Promise<number | 'closed'>((resolve) => {
        client.on('close', () => resolve('closed'))
        client.on('data', (chunk) => {
          for (const frame of frames.push(chunk))
            resolve(decodeResponse(Fetch, 12, frame).body.sessionId)
        })
      })
      return answer.finally(() => client.destroy())
    }
    proxy.record(true)
    expect(await ask(1)).toBe(1)
    proxy.playBack()
    expect([await ask(1), await ask(2), asked]).toEqual([1, 'closed', 1])
    const broken = { sessionId: 7, responses: [] }
    proxy.fault = { name: 'another session', rules: [], apply: () => broken }
    expect([await ask(1), proxy.injected]).toEqual([7, 1])
    proxy.fault = undefined
    proxy.record(true)
    expect(await ask(1)).toBe(2)
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
