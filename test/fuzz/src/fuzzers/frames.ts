import { BufferPool } from '@ottla/network'
import { FrameReader, seededRandom } from '@ottla/network/simulation'
import { createFrameDecoder, KafkaError } from '@ottla/protocol'
import fc from 'fast-check'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { must } from '../must.js'
import { mutated, rawBytes } from '../mutations.js'

const limits = [1, 1000, 70_000, 300_000] as const

const frame = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.nat(40), weight: 8 },
      { arbitrary: fc.constantFrom(0, 1000, 1001, 4092, 4096, 16_380), weight: 4 },
      { arbitrary: fc.constantFrom(65_535, 65_536, 70_000, 70_001, 262_144, 300_000), weight: 1 },
    ),
    fc.nat(255),
  )
  .map(([size, fill]): Uint8Array => {
    const bytes = Buffer.alloc(4 + size, fill)
    bytes.writeInt32BE(size)
    return bytes
  })

const streams = fc.array(frame, { maxLength: 12 }).map((list): Uint8Array => Buffer.concat(list))

const inputs = fc
  .record({
    limit: fc.constantFrom(...limits),
    memory: fc.constantFrom('kept', 'pooled'),
    seed: fc.nat(0xffff),
    stream: fc.oneof(streams, mutated(streams), rawBytes),
  })
  .map(({ limit, memory, seed, stream }) => labelled(`frames ${memory} ${limit} ${seed}`, stream))

/** What a stream is made of, as slowly and plainly as it can be said. */
function framesOf(stream: Buffer, limit: number): { frames: Buffer[]; isBad: boolean } {
  const frames: Buffer[] = []
  for (let at = 0; stream.length - at >= 4; ) {
    const size = stream.readInt32BE(at)
    if (size < 0 || size > limit) return { frames, isBad: true }
    if (stream.length - at - 4 < size) break
    frames.push(stream.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return { frames, isBad: false }
}

/** A reader's buffer may be so large: twice what is needed, rounded up, or a chunk for many small frames. */
const mostBytes = (limit: number): number => 2 * Math.max(limit, 1024 * 1024) + 64 * 1024

/** Runs the stream through a reader as a socket would, in pieces of a seed's choice; frames come back at other times. */
function readFrames(
  stream: Buffer,
  expected: readonly Buffer[],
  limit: number,
  words: readonly string[],
) {
  const random = seededRandom(Number(words[3]))
  const pick = (count: number): number => Math.floor(random.next() * count)
  const pool = words[1] === 'pooled' ? new BufferPool(4 * 1024 * 1024) : undefined
  const held: { bytes: Uint8Array; index: number }[] = []
  let delivered = 0
  const giveBack = (index: number): void => {
    const [one] = held.splice(index, 1)
    if (one === undefined) return
    must(same(one.bytes, expected[one.index]), () => `frame ${one.index} has changed`)
    reader.recycle(one.bytes)
  }
  let isPaused = false
  const reader = new FrameReader(
    limit,
    (bytes) => {
      must(!isPaused, () => 'a frame while it was paused')
      must(
        same(bytes, expected[delivered]),
        () => `frame ${delivered} is not the one that was sent`,
      )
      held.push({ bytes, index: delivered })
      delivered += 1
      isPaused = pick(12) === 0
      if (isPaused) reader.pause()
    },
    pool,
  )
  // Byte by byte, but for long streams.
  const largest = Math.max([1, 7, 500, 5000, 100_000][pick(5)] ?? 1, stream.length >> 11)
  for (let at = 0; at < stream.length; ) {
    while (isPaused) {
      isPaused = false
      reader.resume()
    }
    const target = reader.target()
    must(target.length > 0, () => 'no room for the next bytes')
    must(
      target.buffer.byteLength <= mostBytes(limit),
      () => `${target.buffer.byteLength} bytes of memory`,
    )
    const count = Math.min(1 + pick(largest), target.length, stream.length - at)
    target.set(stream.subarray(at, at + count))
    at += count
    reader.advance(count)
    while (held.length > pick(6)) giveBack(pick(held.length))
  }
  while (isPaused) {
    isPaused = false
    reader.resume()
  }
  while (held.length > 0) giveBack(0)
  reader.close()
  return delivered
}

const same = (one: Uint8Array, other: Uint8Array | undefined): boolean =>
  other !== undefined && Buffer.compare(one, other) === 0

function run(input: Uint8Array): void {
  const { words, body } = readLabel(input)
  const limit = Number(words[2] ?? 1000)
  if (!(limit > 0)) return
  const { frames, isBad } = framesOf(body, limit)
  let seen = -1
  try {
    seen = readFrames(body, frames, limit, words)
  } catch (error) {
    if (!(error instanceof KafkaError && isBad)) throw error
  }
  must(isBad === seen < 0, () => 'a size that is not allowed was not refused')
  must(isBad || seen === frames.length, () => `${seen} of ${frames.length} frames`)
  decode(body, frames, limit, isBad)
}

/** The same through the decoder of the protocol package. */
function decode(body: Buffer, expected: readonly Buffer[], limit: number, isBad: boolean): void {
  const decoder = createFrameDecoder({ maxBytes: limit })
  const found: Uint8Array[] = []
  const step = 1 + (body.length % 700)
  let isRefused = false
  try {
    for (let at = 0; at < body.length; at += step) {
      found.push(...decoder.push(body.subarray(at, at + step)))
      must(decoder.bufferedBytes <= body.length, () => `${decoder.bufferedBytes} bytes held`)
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    isRefused = true
  }
  must(isRefused === isBad, () => 'the decoder refuses other sizes')
  must(isBad || found.length === expected.length, () => `the decoder found ${found.length} frames`)
  must(
    found.every((one, index) => same(one, expected[index])),
    () => 'the decoder found another frame',
  )
}

/** What cuts a stream into frames. */
export const frames: Fuzzer = {
  inputs,
  batchRuns: 300,
  maxGrowthBytes: 32 * 1024 * 1024,
  run,
}
