import { describe, expect, it } from 'vitest'
import type { Flight } from './flights.js'
import { Ledger } from './ledger.js'
import type { FinishedBatch } from './messages.js'

const flights: Flight[] = [
  {
    date: '2001-01-01T00:01:00.000Z',
    delay: 33,
    distance: 2176,
    origin: 'LAS',
    destination: 'PHL',
  },
  { date: '2001-01-01T00:02:00.000Z', delay: -6, distance: 453, origin: 'PHL', destination: 'DTW' },
  { date: '2001-01-01T00:03:00.000Z', delay: 4, distance: 100, origin: 'LAS', destination: 'LAX' },
]

function batch(rows: number[], offsets = rows, partition = 0): FinishedBatch {
  const taken = rows.map((row) => flights[row] ?? (flights[0] as Flight))
  return {
    partition,
    bytes: 0,
    rows: Uint32Array.from(rows),
    offsets: Float64Array.from(offsets),
    origins: taken.map(({ origin }) => origin),
    delays: Int32Array.from(taken, ({ delay }) => delay),
    distances: Int32Array.from(taken, ({ distance }) => distance),
  }
}

function broken(...batches: FinishedBatch[]): string[] {
  const ledger = new Ledger(flights)
  for (const finished of batches) ledger.add(finished)
  return ledger
    .prove()
    .filter(({ holds }) => !holds)
    .map(({ claim }) => claim)
}

describe('Ledger', () => {
  it('balances when every row came once, in order', () => {
    expect(broken(batch([0, 1]), batch([2]))).toEqual([])
  })

  it('misses a lost row', () => {
    expect(broken(batch([0, 1]))).toContain('every row exactly once')
  })

  it('notices a repeated row', () => {
    expect(broken(batch([0, 1, 2]), batch([1]))).toContain('every row exactly once')
  })

  it('notices a row the file does not have', () => {
    expect(broken(batch([0, 1, 2, 3]))).toContain('every row exactly once')
  })

  it('notices records of a key out of order', () => {
    expect(broken(batch([0, 1, 2], [5, 1, 2]))).toEqual(['rising per key'])
  })

  it('notices a key on two partitions', () => {
    expect(broken(batch([0, 1]), batch([2], [9], 1))).toEqual(['one partition per key'])
  })

  it('notices altered values', () => {
    const altered = batch([0, 1, 2])
    altered.delays[0] = 0
    expect(broken(altered)).toEqual(['sum of delay per origin'])
  })
})
