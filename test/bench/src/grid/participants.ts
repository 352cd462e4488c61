import type { ClientName } from '../client-process.ts'
import type { Kind } from '../job.ts'
import type { Setting } from './setting.ts'

/** A client in one of its ways, of one kind of the grid. */
export interface Participant {
  readonly kind: Extract<Kind, 'produce' | 'consume' | 'rate' | 'end-to-end'>
  readonly client: ClientName
  readonly variant: string
  /** Thousands of records of 100 bytes that it gets through in about a second; nothing for rates. */
  readonly thousands: number
}

/** Every client in its best documented way first, then in its idiomatic one. The first of a kind is what ratios refer to. */
export const participants: readonly Participant[] = [
  { kind: 'produce', client: 'ottla', variant: 'enqueue', thousands: 2000 },
  { kind: 'produce', client: 'ottla', variant: 'send', thousands: 1000 },
  { kind: 'produce', client: 'raw', variant: 'bare', thousands: 3000 },
  { kind: 'produce', client: 'librdkafka', variant: 'batch', thousands: 1500 },
  { kind: 'produce', client: 'librdkafka', variant: 'produce', thousands: 1500 },
  { kind: 'produce', client: 'java', variant: 'tuned', thousands: 1500 },
  { kind: 'produce', client: 'java', variant: 'defaults', thousands: 1500 },
  { kind: 'produce', client: 'confluent', variant: 'callback', thousands: 200 },
  { kind: 'produce', client: 'confluent', variant: 'send', thousands: 200 },
  { kind: 'produce', client: 'platformatic', variant: 'send', thousands: 300 },
  { kind: 'produce', client: 'platformatic', variant: 'awaited', thousands: 300 },
  { kind: 'produce', client: 'kafkajs', variant: 'send', thousands: 200 },
  { kind: 'produce', client: 'kafkajs', variant: 'awaited', thousands: 200 },
  { kind: 'consume', client: 'ottla', variant: 'batches', thousands: 2000 },
  { kind: 'consume', client: 'ottla', variant: 'records', thousands: 2000 },
  { kind: 'consume', client: 'raw', variant: 'bare', thousands: 2000 },
  { kind: 'consume', client: 'librdkafka', variant: 'batch', thousands: 2000 },
  { kind: 'consume', client: 'librdkafka', variant: 'messages', thousands: 2000 },
  { kind: 'consume', client: 'java', variant: 'tuned', thousands: 2000 },
  { kind: 'consume', client: 'java', variant: 'defaults', thousands: 2000 },
  { kind: 'consume', client: 'confluent', variant: 'eachBatch', thousands: 200 },
  { kind: 'consume', client: 'confluent', variant: 'eachMessage', thousands: 200 },
  { kind: 'consume', client: 'platformatic', variant: 'data', thousands: 600 },
  { kind: 'consume', client: 'platformatic', variant: 'records', thousands: 600 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachBatch', thousands: 600 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachMessage', thousands: 600 },
  ...(['rate', 'end-to-end'] as const).flatMap((kind) => [
    { kind, client: 'ottla' as const, variant: 'defaults', thousands: 0 },
    { kind, client: 'librdkafka' as const, variant: 'linger-0', thousands: 0 },
    { kind, client: 'librdkafka' as const, variant: 'defaults', thousands: 0 },
    { kind, client: 'confluent' as const, variant: 'linger-0', thousands: 0 },
    { kind, client: 'confluent' as const, variant: 'defaults', thousands: 0 },
    { kind, client: 'platformatic' as const, variant: 'defaults', thousands: 0 },
    { kind, client: 'kafkajs' as const, variant: 'defaults', thousands: 0 },
  ]),
]

/** Larger values are fewer, so that a run takes about as long. */
const fewer: Readonly<Record<number, number>> = { 100: 1, 1000: 4, 10000: 25 }
const warmUpRecords = 100_000

/** How many records a participant warms up with and is measured with: whole thousands, as its arrays want. */
export function recordsOf(
  { thousands }: Participant,
  { valueBytes, compression }: Setting,
  scale: number,
) {
  const share = scale / (fewer[valueBytes] ?? 1) / (compression === 'zstd' ? 2 : 1)
  const round = (count: number): number => Math.max(1, Math.round(count / 1000)) * 1000
  return { records: round(thousands * 1000 * share), warmUpRecords: round(warmUpRecords * share) }
}

/** Whether the participant can be measured under this setting. */
export function fits({ client }: Participant, { compression }: Setting): boolean {
  return client !== 'raw' || compression === 'none'
}
