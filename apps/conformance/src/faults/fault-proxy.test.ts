import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
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
