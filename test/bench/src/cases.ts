/** One row of the bench: a client, one of its ways, and how many records it gets through in seconds. */
export interface Case {
  kind: 'produce' | 'consume'
  client: 'ottla' | 'kafkajs' | 'platformatic'
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
  { kind: 'consume', client: 'ottla', variant: 'batches', thousands: 4000 },
  { kind: 'consume', client: 'ottla', variant: 'records', thousands: 4000 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachBatch', thousands: 1000 },
  { kind: 'consume', client: 'kafkajs', variant: 'eachMessage', thousands: 1000 },
  { kind: 'consume', client: 'platformatic', variant: 'data', thousands: 1000 },
  { kind: 'consume', client: 'platformatic', variant: 'records', thousands: 1000 },
]
