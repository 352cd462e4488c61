import { setTimeout as delay } from 'node:timers/promises'
import { Metadata } from '@ottla/protocol'
import { request } from './request.js'

const ATTEMPT_TIMEOUT_MS = 2_000
const PAUSE_MS = 50
/** Known to every broker since 2.4. */
const METADATA_VERSION = 9

/**
 * Waits until a broker answers Metadata with a controller and at least this many brokers.
 *
 * @param isAlive asked between attempts; a server that has died will not become ready
 * @throws Error when it died or is not ready in time
 */
export async function untilReady(
  address: string,
  brokers: number,
  isAlive: () => boolean,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isReady(address, brokers).catch(() => false))) {
    if (!isAlive()) throw new Error(`The server on ${address} ended while it was starting.`)
    if (Date.now() > deadline) {
      throw new Error(`The server on ${address} was not ready within ${timeoutMs} ms.`)
    }
    await delay(PAUSE_MS)
  }
}

async function isReady(address: string, brokers: number): Promise<boolean> {
  const none = { topics: [] }
  const answer = await request(address, Metadata, METADATA_VERSION, none, ATTEMPT_TIMEOUT_MS)
  return answer.brokers.length >= brokers && answer.controllerId >= 0
}
