import { Metadata } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { Recording } from './recording.js'

describe('a recording', () => {
  const asked = { address: '127.0.0.1:9092', api: Metadata, version: 12 }
  const FIRST_POLL = 1_000_000

  it('answers the same request to the same node with a frame of its own', () => {
    const recording = new Recording()
    const frame = Uint8Array.of(0, 0, 0, 1, 42)
    recording.keep(1, asked, frame)
    frame.fill(0)
    expect(recording.answerTo(1, asked)).toEqual(Uint8Array.of(0, 0, 0, 1, 42))
    expect(recording.answerTo(2, asked)).toBeUndefined()
    expect(recording.answerTo(1, { ...asked, version: 11 })).toBeUndefined()
    expect(recording.answerTo(1, { ...asked, address: '127.0.0.1:9093' })).toBeUndefined()
  })

  /** A recorded loop of so many requests, whose answers hold their numbers. */
  function recordingOf(steps: number) {
    const recording = new Recording()
    for (let step = 0; step < steps; step++)
      recording.keep(FIRST_POLL + step, asked, Uint8Array.of(0, 0, 0, 0, step))
    return (correlationId: number) => recording.answerTo(correlationId, asked)?.at(4)
  }

  it('answers a loop step by step, and with what ended it where it goes on', () => {
    const answer = recordingOf(3)
    expect([0, 1, 2, 3, 9].map((step) => answer(FIRST_POLL + step))).toEqual([0, 1, 2, 2, 2])
    expect(answer(FIRST_POLL + 10_000)).toBeUndefined()
  })

  it('answers a loop that waited long with what ended it, at once', () => {
    expect(recordingOf(100)(FIRST_POLL)).toBe(99)
  })

  it('answers a loop under the correlation id of the request', () => {
    const recording = new Recording()
    recording.keep(FIRST_POLL, asked, Uint8Array.of(0, 0, 0, 0, 1))
    expect(recording.answerTo(FIRST_POLL + 1, asked)).toEqual(Uint8Array.of(0, 15, 66, 65, 1))
  })
})
