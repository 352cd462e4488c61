import type { Api } from '@ottla/protocol'
import { request } from '@ottla-test/apache-kafka'

/** A request, and how its answer is compared. */
export interface Exchange {
  readonly title: string
  readonly api: Api
  readonly version: number
  readonly body: unknown
  /** Fields whose values are the broker's own affair. */
  readonly ignored?: readonly string[]
}

/** What brokers cannot have in common, whatever they are asked. */
const ownAffairs: ReadonlySet<string> = new Set([
  'topicId',
  'host',
  'port',
  'clusterId',
  'logDir',
  'totalBytes',
  'usableBytes',
  'replicaDirectoryId',
  'lastFetchTimestamp',
  'lastCaughtUpTimestamp',
])

/** Sends one request. @returns the answer in a form that is the same for the same answer. */
export async function exchange(
  address: string,
  { api, version, body, ignored = [] }: Exchange,
): Promise<unknown> {
  return comparable(await request(address, api, version, body), new Set(ignored))
}

/** Without what differs by nature, bytes and int64 as text, lists in an order of their own: Kafka's are in that of its hash maps. */
function comparable(value: unknown, ignored: ReadonlySet<string>): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) {
    const items = value.map((each) => comparable(each, ignored))
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !ownAffairs.has(name) && !ignored.has(name))
  return Object.fromEntries(kept.map(([name, each]) => [name, comparable(each, ignored)]))
}
