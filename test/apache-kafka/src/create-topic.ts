import { setTimeout as delay } from 'node:timers/promises'
import { CreateTopics, ErrorCode, errorInfo, Metadata } from '@ottla/protocol'
import { request } from './request.js'

const READY_TIMEOUT_MS = 10_000
const PAUSE_MS = 20

/**
 * Creates a topic, with one replica unless told otherwise, and waits until every partition has a leader that Metadata names.
 *
 * @throws Error with Kafka's name of the error when the broker refuses
 */
export async function createTopic(
  address: string,
  name: string,
  partitions: number,
  configs: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<void> {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions: partitions, replicationFactor, assignments: [] }
  const topics = [{ ...topic, configs: entries }]
  const created = await request(address, CreateTopics, 5, { topics, timeoutMs: READY_TIMEOUT_MS })
  for (const { errorCode, errorMessage } of created.topics) {
    if (errorCode === ErrorCode.NONE) continue
    throw new Error(`Cannot create ${name}: ${errorInfo(errorCode).name} ${errorMessage ?? ''}`)
  }
  const deadline = Date.now() + READY_TIMEOUT_MS
  while ((await leaders(address, name)) < partitions) {
    if (Date.now() > deadline) throw new Error(`Topic ${name} has not all its leaders.`)
    await delay(PAUSE_MS)
  }
}

async function leaders(address: string, name: string): Promise<number> {
  const { topics } = await request(address, Metadata, 9, { topics: [{ name }] })
  const found = topics[0]?.partitions ?? []
  return found.filter(({ errorCode, leaderId }) => errorCode === ErrorCode.NONE && leaderId >= 0)
    .length
}
