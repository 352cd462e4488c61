/**
 * Requests per second over loopback, 100 in flight, client and server in processes of their own: once on the bare
 * transport, once through Cluster (session, codec, promises). Run by hand:
 *
 *   pnpm --filter @ottla/network request-rate [seconds] [in flight]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ApiVersions, decodeRequestHeader, encodeResponse, Heartbeat } from '@ottla/protocol'
import { Cluster } from '../src/cluster/cluster.js'
import { clientOptions } from '../src/options/client-options.js'
import { tcpNetwork } from '../src/transport/tcp.js'
import type { FramedConnection } from '../src/transport/transport.js'
import { rangesOf } from './scripted-broker.js'

const maxFrameBytes = 1_000_000

/** Answers heartbeats by patching the correlation id into a ready response, everything else by an echo. */
const serve = async (): Promise<void> => {
  const ready = new Uint8Array(encodeResponse(Heartbeat, 4, 0, { errorCode: 0 }))
  const listener = await tcpNetwork.listen(
    { host: '127.0.0.1', port: 0, maxFrameBytes },
    (connection) => ({
      onFrame(frame) {
        if (frame[1] === 12) {
          ready.set(frame.subarray(4, 8))
          connection.send(ready)
        } else if (frame[1] === ApiVersions.key) {
          const { apiVersion, correlationId } = decodeRequestHeader(frame)
          const body = { errorCode: 0, apiKeys: rangesOf({}) }
          connection.send(encodeResponse(ApiVersions, apiVersion, correlationId, body))
        } else connection.send(frame)
      },
      onClose: () => process.exit(),
    }),
  )
  process.send?.(listener.port)
}

interface Load {
  /** Starts one more request; calls `done` when it is answered. */
  readonly request: (done: () => void) => void
  readonly close: () => void
}

const rawLoad = async (port: number): Promise<Load> => {
  const waiting: (() => void)[] = []
  const payload = new Uint8Array(100)
  let first = 0
  const connection: FramedConnection = await tcpNetwork.connect(
    { host: '127.0.0.1', port, timeoutMs: 1000, maxFrameBytes },
    {
      onFrame() {
        const done = waiting[first++]
        if (first === 4096) {
          waiting.splice(0, first)
          first = 0
        }
        done?.()
      },
      onClose() {},
    },
  )
  return {
    request(done) {
      waiting.push(done)
      connection.send(payload)
    },
    close: () => connection.destroy(),
  }
}

const clusterLoad = async (port: number): Promise<Load> => {
  const cluster = new Cluster(
    clientOptions.resolve({
      bootstrapServers: `127.0.0.1:${port}`,
      maxInFlightRequestsPerConnection: 1000,
    }),
  )
  const body = { groupId: 'a group of trucks', generationId: 7, memberId: 'x'.repeat(50) }
  await cluster.request(Heartbeat, body)
  return {
    request: (done) => void cluster.request(Heartbeat, body).then(done, () => {}),
    close: () => void cluster.close(),
  }
}

const measure = async (name: string, make: (port: number) => Promise<Load>): Promise<void> => {
  const [seconds = 2, inFlight = 100] = process.argv.slice(2).map(Number)
  const server = fork(fileURLToPath(import.meta.url), ['serve'])
  const [port] = await once(server, 'message')
  const load = await make(port as number)
  let answered = 0
  let isOver = false
  const again = (): void => {
    answered++
    if (!isOver) load.request(again)
  }
  for (let i = 0; i < inFlight; i++) load.request(again)
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await wait(500)
  const before = answered
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await wait(seconds * 1000)
  const elapsedMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpu)
  const count = answered - before
  isOver = true
  load.close()
  const rate = Math.round(count / elapsedMs)
  const cpuUs = ((user + system) / count).toFixed(2)
  console.log(`${name}: ${rate} k requests/s, ${cpuUs} us CPU each (client), ${inFlight} in flight`)
  await once(server, 'exit')
}

if (process.argv[2] === 'serve') await serve()
else {
  await measure('transport', rawLoad)
  await measure('cluster', clusterLoad)
}
