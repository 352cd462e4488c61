import { TimeoutError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { Deliveries } from './deliveries.js'
import type { Delivery } from './delivery.js'

describe('deliveries of a batch', () => {
  const told: string[] = []
  const call = (name: string): Delivery => ({
    delivered: ({ offset, timestamp }, place) =>
      void told.push(`${name}[${place}] at ${offset}, ${timestamp}`),
    failed: ({ message }, place) => void told.push(`${name}[${place}] ${message}`),
  })
  const one = call('one')
  const other = call('other')
  const batch = { topic: 't', partition: 0 }

  const create = (): Deliveries => {
    told.length = 0
    const deliveries = new Deliveries()
    // Records of a call lie in one batch with gaps where others went to other partitions.
    deliveries.add(0, one, 0, 10)
    deliveries.add(1, one, 1, 10)
    deliveries.add(2, one, 4, 10)
    deliveries.add(3, other, 0, 10)
    deliveries.add(4, undefined, 0, 10)
    deliveries.add(5, other, 1, 10)
    deliveries.add(6, other, 2, 11)
    return deliveries
  }

  it('tell each call of its records by their places', () => {
    create().delivered(7, batch, 100n, -1)
    expect(told).toEqual([
      'one[0] at 100, 10',
      'one[1] at 101, 10',
      'one[4] at 102, 10',
      'other[0] at 103, 10',
      'other[1] at 105, 10',
      'other[2] at 106, 11',
    ])
  })

  it('tell of failures in the same way', () => {
    create().failed(7, new TimeoutError('late'))
    expect(told.map((text) => text.replace(/ .*/, ''))).toEqual([
      'one[0]',
      'one[1]',
      'one[4]',
      'other[0]',
      'other[1]',
      'other[2]',
    ])
  })

  it('know who waits for the record of an index, and at which place', () => {
    const deliveries = create()
    expect([0, 1, 2, 3, 4, 5, 6].map((index) => deliveries.at(index))).toEqual([
      { waiting: one, place: 0 },
      { waiting: one, place: 1 },
      { waiting: one, place: 4 },
      { waiting: other, place: 0 },
      { waiting: undefined, place: 0 },
      { waiting: other, place: 1 },
      { waiting: other, place: 2 },
    ])
  })

  it('count what was enqueued: callbacks, and records that nobody waits for', () => {
    const deliveries = create()
    const callback = () => undefined
    for (let index = 7; index < 10; index++) deliveries.add(index, callback, 0, 11)
    expect(deliveries.enqueuedCount(10)).toBe(4)
  })
})
