import type { Kind } from './job.ts'

/** What the cases are of; rates belong to the grid. */
type CaseKind = Exclude<Kind, 'rate' | 'end-to-end'>

/** One row of the bench: a client, one of its ways, and how many records it gets through in seconds. */
export interface Case {
  kind: CaseKind
  client: 'ottla' | 'kafkajs' | 'platformatic' | 'raw'
  variant: string
  /** Thousands of records in the quick mode; the full mode takes four times as many. */
  thousands: number
}

/** Every client in its best and in its idiomatic way. The first of a kind is what ratios refer to. */
export const cases: readonly Case[] = [
  { kind: 'produce', client: 'ottla', variant: 'enqueue', thousands: 4000 },
  { kind: 'produce', client: 'ottla', variant: 'send', thousands: 2000 },
  { kind: 'produce', client: 'ottla', variant: 'defaults', thousands: 4000 },
  { kind: 'produce', client: 'kafkajs', variant: 'send', thousands: 300 },
  { kind: 'produce', client: 'platformatic', variant: 'send', thousands: 600 },
  { kind: 'produce', client: 'raw', variant: 'bare', thousands: 4000 },
  { kind: 'consume', client: 'ottla', variant: 'batches', thousands: 4000 },
  { kind: 'consume', client: 'ottla', variant: 'records', thousands: 4000 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachBatch', thousands: 1000 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachMessage', thousands: 1000 },
  { kind: 'consume', client: 'platformatic', variant: 'data', thousands: 1000 },
  { kind: 'consume', client: 'platformatic', variant: 'records', thousands: 1000 },
  { kind: 'consume', client: 'raw', variant: 'bare', thousands: 4000 },
  { kind: 'single', client: 'ottla', variant: 'send', thousands: 5 },
  { kind: 'single', client: 'raw', variant: 'request', thousands: 5 },
  { kind: 'single', client: 'kafkajs', variant: 'send', thousands: 5 },
  { kind: 'single', client: 'platformatic', variant: 'send', thousands: 5 },
  { kind: 'concurrent', client: 'ottla', variant: 'send', thousands: 400 },
  { kind: 'concurrent', client: 'kafkajs', variant: 'send', thousands: 40 },
  { kind: 'concurrent', client: 'platformatic', variant: 'send', thousands: 40 },
  { kind: 'first-record', client: 'ottla', variant: 'records', thousands: 0.02 },
  { kind: 'first-record', client: 'kafkajs', variant: 'eachMessage', thousands: 0.02 },
  { kind: 'first-record', client: 'platformatic', variant: 'data', thousands: 0.02 },
]

/**
 * How many records (consumers for `first-record`) come before the measurement, so that compilers are warm: a quarter of a second
 * for those who take four million a second.
 */
export const warmUpRecords: Readonly<Record<CaseKind, number>> = {
  produce: 1_000_000,
  consume: 1_000_000,
  single: 20_000,
  concurrent: 20_000,
  'first-record': 2,
}
