import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

/**
 * Below the range from which systems pick ports for outgoing connections (from 32768 on Linux): a port from there
 * could be taken between the moment it was found free and the moment a broker starts or restarts on it.
 */
const LOWEST = 20_000
const HIGHEST = 32_767

/** Ports of the loopback interface that are free now. All are held until the last one is found. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = []
  try {
    while (held.length < count) {
      const server = await tryListen(randomInt(LOWEST, HIGHEST + 1))
      if (server !== undefined) held.push(server)
    }
    return held.map((server) => portOf(server))
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))))
  }
}

function tryListen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}
