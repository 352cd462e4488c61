import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createFrameDecoder, decodeResponse, encodeRequestFrame, Metadata } from '@ottla/protocol'

const ATTEMPT_TIMEOUT_MS = 2_000
const PAUSE_MS = 50
/** The newest version that every broker since 2.4 knows. */
const METADATA_VERSION = 9

/**
 * Waits until a broker answers Metadata with a controller and at least this many brokers.
 *
 * @param isAlive asked between attempts; a server that has died will not become ready
 * @throws Error when it died or is not ready in time
 */
export async function untilReady(
  port: number,
  brokers: number,
  isAlive: () => boolean,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isReady(port, brokers).catch(() => false))) {
    if (!isAlive()) throw new Error(`The server on port ${port} ended while it was starting.`)
    if (Date.now() > deadline) {
      throw new Error(`The server on port ${port} was not ready within ${timeoutMs} ms.`)
    }
    await delay(PAUSE_MS)
  }
}

async function isReady(port: number, brokers: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const signal = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)
  try {
    await once(socket, 'connect', { signal })
    const header = { correlationId: 1, clientId: 'ottla-probe' }
    socket.write(encodeRequestFrame(Metadata, METADATA_VERSION, header, { topics: [] }))
    const decoder = createFrameDecoder({ maxBytes: 1 << 20 })
    for (;;) {
      const [chunk] = (await once(socket, 'data', { signal })) as [Buffer]
      const [frame] = decoder.push(chunk)
      if (frame === undefined) continue
      const { body } = decodeResponse(Metadata, METADATA_VERSION, frame)
      return body.brokers.length >= brokers && body.controllerId >= 0
    }
  } finally {
    socket.destroy()
  }
}
