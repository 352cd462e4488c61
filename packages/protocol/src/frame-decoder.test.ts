import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WireError } from './errors.js'
import { createFrameDecoder } from './frame-decoder.js'

const framed = (body: Uint8Array): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

test('gives back the frames of a stream, however it is cut', () => {
  const stream = fc.tuple(
    fc.array(fc.uint8Array({ maxLength: 40 })),
    fc.array(fc.integer({ min: 0, max: 30 })),
  )
  fc.assert(
    fc.property(stream, ([bodies, cuts]) => {
      const bytes = Buffer.concat(bodies.map(framed))
      const decoder = createFrameDecoder({ maxBytes: 40 })
      const frames: Uint8Array[] = []
      let at = 0
      for (const cut of [...cuts, bytes.length]) {
        frames.push(...decoder.push(bytes.subarray(at, at + cut)))
        at += cut
      }
      expect(frames.map((frame) => [...frame])).toEqual(bodies.map((body) => [...body]))
      expect(decoder.bufferedBytes).toBe(0)
    }),
  )
})

test('holds what has arrived, not what a size announces', () => {
  const decoder = createFrameDecoder({ maxBytes: 100_000_000 })
  expect(decoder.push(Buffer.from('05f5e10001', 'hex'))).toEqual([])
  expect(decoder.bufferedBytes).toBe(5)
})

test('gives a frame inside one chunk as a view of it', () => {
  const chunk = framed(Buffer.of(1, 2))
  const [frame] = createFrameDecoder({ maxBytes: 10 }).push(chunk)
  expect(frame?.buffer).toBe(chunk.buffer)
})

test('refuses sizes out of bounds', () => {
  const size = (text: string) => () =>
    createFrameDecoder({ maxBytes: 10 }).push(Buffer.from(text, 'hex'))
  expect(size('0000000b')).toThrow('frame of 11 bytes (0 to 10 are allowed)')
  expect(size('ffffffff')).toThrow(WireError)
  expect(() => createFrameDecoder({ maxBytes: 0 })).toThrow('maxBytes must be positive')
})
