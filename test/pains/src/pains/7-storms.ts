import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { numbers, usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'stormy'
const downMs = 15_000
/** With a backoff that grows to a second or more, two clients with a few connections each stay far below. */
const mostConnections = 150
const mostCpuShare = 0.1
const recoveryMs = 40_000

/** Something answers on the broker's port and hangs up at once: the worst case for a client that does not wait. */
export const storms: Pain = {
  id: '7',
  title: 'The broker is away, and the client hammers its port, spins, or never comes back',
  rule: `at most ${mostConnections} connections and ${mostCpuShare * 100} % of a core in ${downMs / 1000} s; sends and reads by itself ${recoveryMs / 1000} s after`,
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const { bootstrapServers, port } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, 10))
    const seen = new Set<string>()
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      handler: async ({ value }) => void seen.add(value),
    })
    await until('all read', () => seen.size === 10, 20_000)
    await broker.stop()
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {})
      socket.destroy()
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const cpu = process.cpuUsage()
    const sending = sender.send(topic, numbers(10, 20)).then(
      () => true,
      () => false,
    )
    await delay(downMs)
    const { user, system } = process.cpuUsage(cpu)
    server.close()
    await once(server, 'close')
    await broker.restart()
    const wasSent = await sending
    const share = (user + system) / 1000 / downMs
    if (connections > mostConnections) throw new Error(`${connections} connections in ${downMs} ms`)
    if (share > mostCpuShare) throw new Error(`${Math.round(share * 100)} % of a core`)
    const isBack = async (): Promise<boolean> => {
      if (wasSent) return seen.size === 20
      await sender.send(topic, numbers(10, 20)).catch(() => {})
      return seen.size === 20
    }
    await until('sending and reading again', isBack, recoveryMs)
    await running.close()
    await sender.close()
  },
}
