import { describe, expect, it } from 'vitest'
import { addToSequence, PartitionSequence } from './sequence.js'

const begun = () => {
  const sequence = new PartitionSequence()
  sequence.adopt({ producerId: 5n, producerEpoch: 0 })
  return sequence
}

describe('sequences', () => {
  it('wrap from the largest to 0', () => {
    expect(addToSequence(2 ** 31 - 1, 1)).toBe(0)
    expect(addToSequence(2 ** 31 - 3, 5)).toBe(2)
  })

  it('rise by record', () => {
    const sequence = begun()
    expect(sequence.stamp(3)).toEqual({ producerId: 5n, producerEpoch: 0, baseSequence: 0 })
    expect(sequence.stamp(2).baseSequence).toBe(3)
    expect(sequence.next).toBe(5)
  })

  it('are given out again when the last batch was surely not stored', () => {
    const sequence = begun()
    sequence.stamp(3)
    sequence.lost(sequence.stamp(2), 2)
    expect(sequence.hasGap).toBe(false)
    expect(sequence.next).toBe(3)
  })

  it('have a gap when an earlier batch was not stored, closed by a new epoch', () => {
    const sequence = begun()
    const first = sequence.stamp(3)
    sequence.stamp(2)
    sequence.lost(first, 3)
    expect(sequence.hasGap).toBe(true)
    sequence.restart()
    expect(sequence.hasGap).toBe(false)
    expect(sequence.stamp(1)).toEqual({ producerId: 5n, producerEpoch: 1, baseSequence: 0 })
  })

  it('lose the gap when what follows it turns out to be stored', () => {
    const sequence = begun()
    sequence.doubt(sequence.stamp(3))
    expect(sequence.hasGap).toBe(true)
    sequence.stored({ producerId: 5n, producerEpoch: 0, baseSequence: 0 }, 3)
    expect(sequence.hasGap).toBe(false)
  })

  it('do not care about batches of an earlier epoch', () => {
    const sequence = begun()
    const old = sequence.stamp(3)
    sequence.restart()
    sequence.stamp(1)
    sequence.lost(old, 3)
    sequence.doubt(old)
    expect(sequence.hasGap).toBe(false)
  })

  it('ask for another id when the epochs of one are used up', () => {
    const sequence = new PartitionSequence()
    sequence.adopt({ producerId: 5n, producerEpoch: 32_766 })
    sequence.restart()
    expect(sequence.isReady).toBe(false)
    expect(sequence.spentId).toBe(5n)
  })

  it('ask for another id when fenced', () => {
    const sequence = begun()
    sequence.stamp(1)
    sequence.abandon()
    expect(sequence.hasGap).toBe(true)
    sequence.restart()
    expect(sequence.isReady).toBe(false)
  })
})
