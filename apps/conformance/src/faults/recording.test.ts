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

  it('answers a loop with what ended it, under the correlation id of the request', () => {
    const recording = new Recording()
    recording.keep(FIRST_POLL, asked, Uint8Array.of(0, 15, 66, 64, 1))
    recording.keep(FIRST_POLL + 1, asked, Uint8Array.of(0, 15, 66, 65, 2))
    expect(recording.answerTo(FIRST_POLL, asked)).toEqual(Uint8Array.of(0, 15, 66, 64, 2))
    expect(recording.answerTo(FIRST_POLL + 10_000, asked)).toBeUndefined()
  })
})
