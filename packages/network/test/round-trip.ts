/**
 * The time of one round trip over loopback, one request at a time, server in a process of its own: on a bare socket, on the
 * framed transport, and through Cluster (session, codec, promise). Blocks of the three alternate, so that all see the same
 * machine. Prints the medians. Run by hand:
 *
 *   pnpm --filter @ottla/network round-trip [rounds]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { ApiVersions, decodeRequestHeader, encodeResponse, Produce } from '@ottla/protocol'
import { Cluster } from '../src/cluster/cluster.js'
import { clientOptions } from '../src/options/client-options.js'
import { tcpNetwork } from '../src/transport/tcp.js'
import { rangesOf } from './scripted-broker.js'

const maxFrameBytes = 1_000_000
const records = new Uint8Array(170)
const body = {
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: 'trucks', partitionData: [{ index: 0, records }] }],
}
const version = 9

/** Answers Produce by patching the correlation id into a ready response. */
const serve = async (): Promise<void> => {
  const response = { index: 0, errorCode: 0, baseOffset: 7n }
  const ready = new Uint8Array(
    encodeResponse(Produce, version, 0, {
      responses: [{ name: 'trucks', partitionResponses: [response] }],
    }),
  )
  const listener = await tcpNetwork.listen(
    { host: '127.0.0.1', port: 0, maxFrameBytes },
    (connection) => ({
      onFrame(frame) {
        if (frame[1] === ApiVersions.key) {
          const { apiVersion, correlationId } = decodeRequestHeader(frame)
          const apiKeys = rangesOf({ Produce: version })
          connection.send(
            encodeResponse(ApiVersions, apiVersion, correlationId, { errorCode: 0, apiKeys }),
          )
        } else {
          ready.set(frame.subarray(4, 8))
          connection.send(ready)
        }
      },
      onClose: () => {},
    }),
  )
  process.send?.(listener.port)
  await once(process, 'disconnect')
  process.exit()
}

type RoundTrip = () => Promise<unknown>

const rawSocket = async (port: number): Promise<RoundTrip> => {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  const frame = Buffer.alloc(260)
  frame.writeInt32BE(256)
  let done: () => void = () => {}
  socket.on('data', () => done())
  socket.unref()
  return () =>
    new Promise<void>((resolve) => {
      done = resolve
      socket.write(frame)
    })
}

const transport = async (port: number): Promise<RoundTrip> => {
  const payload = new Uint8Array(256)
  let done: () => void = () => {}
  const connection = await tcpNetwork.connect(
    { host: '127.0.0.1', port, timeoutMs: 1000, maxFrameBytes },
    { onFrame: () => done(), onClose() {} },
  )
  return () =>
    new Promise<void>((resolve) => {
      done = resolve
      connection.send(payload)
    })
}

const cluster = async (port: number): Promise<RoundTrip> => {
  const client = new Cluster(clientOptions.resolve({ bootstrapServers: `127.0.0.1:${port}` }))
  return () => client.request(Produce, body, { node: 'any' })
}

const measure = async (): Promise<void> => {
  const rounds = Number(process.argv[2] ?? 40)
  const server = fork(fileURLToPath(import.meta.url), ['serve'])
  const [port] = (await once(server, 'message')) as [number]
  const subjects = { socket: rawSocket, transport, cluster }
  const trips: [string, RoundTrip, number[]][] = []
  for (const [name, make] of Object.entries(subjects)) trips.push([name, await make(port), []])
  for (let round = 0; round < rounds; round++) {
    for (const [, trip, times] of trips) {
      for (let i = 0; i < 500; i++) {
        const startMs = performance.now()
        await trip()
        if (round > 4) times.push((performance.now() - startMs) * 1000)
      }
    }
  }
  const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1] ?? 0
  const [raw = 0] = trips.map(([, , times]) => median(times))
  for (const [name, , times] of trips) {
    const us = median(times)
    console.log(`${name}: p50 ${us.toFixed(1)} us, ${(us / raw).toFixed(2)} x the bare socket`)
  }
  server.kill()
  process.exit()
}

if (process.argv[2] === 'serve') await serve()
else await measure()
