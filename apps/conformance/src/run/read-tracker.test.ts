import { Metadata } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../client/exchange.js'
import { Recorder } from '../client/recorder.js'
import { ReadTracker } from './read-tracker.js'

describe('a read tracker', () => {
  const recorder = new Recorder()
  const ask = (isSetUp?: boolean): Exchange => recorder.begin(Metadata, 12, {}, isSetUp)
  const pathsOf = (tracker: ReadTracker, fact: unknown) =>
    tracker.take(fact).map(({ path }) => path.join('.'))

  it('takes a fact that was just read for that field, whatever else has its value', () => {
    const tracker = new ReadTracker()
    const answer = tracker.view(ask(), { partition: 0, errorCode: 0 })
    expect(answer.partition).toBe(0)
    expect(pathsOf(tracker, answer.errorCode)).toEqual(['errorCode'])
  })

  it('finds the fields that a list was made of, and not those of set-up', () => {
    const tracker = new ReadTracker()
    const before = tracker.view(ask(true), { offset: 1n })
    const answer = tracker.view(ask(), { offsets: [{ offset: 1n }, { offset: 2n }], start: 0n })
    const fact = [before.offset, ...answer.offsets.map(({ offset }) => offset)].slice(1)
    expect([answer.start, ...pathsOf(tracker, fact)]).toEqual([
      0n,
      'offsets.0.offset',
      'offsets.1.offset',
    ])
  })

  it('takes what was worked out for all that was read of the last answer that had something', () => {
    const tracker = new ReadTracker()
    const full = tracker.view(ask(), { records: new Uint8Array(3), end: 3n })
    const empty = tracker.view(ask(), { records: new Uint8Array(0) })
    const setUp = tracker.view(ask(true), { offset: 7n })
    const fact = full.records.length + empty.records.length + Number(full.end + setUp.offset)
    expect(pathsOf(tracker, fact)).toEqual(['records', 'end'])
  })

  it('knows what was read of the last answer when another fact is taken of it', () => {
    const tracker = new ReadTracker()
    const { errorCode, id } = tracker.view(ask(), { errorCode: 3, id: 'a' })
    expect(pathsOf(tracker, errorCode)).toEqual(['errorCode'])
    expect(pathsOf(tracker, id)).toEqual(['id'])
    tracker.view(ask(), { id: 'b' })
    expect(pathsOf(tracker, 'c')).toEqual([])
  })

  it('breaks the elements of a long list together', () => {
    const tracker = new ReadTracker()
    const list = Array.from({ length: 9 }, (_, id) => ({ id }))
    const ids = tracker.view(ask(), { list }).list.map(({ id }) => id)
    expect(pathsOf(tracker, ids)).toEqual(['list.*.id'])
  })
})
