import { type CompressionName, compress, compressionNames, decompress } from '@ottla/protocol'
import fc from 'fast-check'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { must, mustEqual, valueOrRefusal } from '../must.js'
import { mutated, rawBytes } from '../mutations.js'

const codecs = compressionNames.filter((name) => name !== 'none')
/** What a block may become. */
const limits = [0, 1, 100, 4096, 65_536, 1_000_000] as const

/** Content that compresses in different ways: text, a few bytes over and over, far repetitions, noise. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 20_000 }))
    .map(([bytes, count]) => Buffer.alloc(Math.min(bytes.length * count, 200_000), bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(70_000))
    .map(([bytes, gap]) => Buffer.concat([bytes, Buffer.alloc(gap), bytes])),
)

/** A raw snappy block: one literal, then copies of it. Ours are written in the xerial framing only. */
const rawSnappy = fc
  .tuple(fc.uint8Array({ minLength: 4, maxLength: 60 }), fc.nat(40))
  .map(([literal, copies]) => {
    const total = literal.length + 4 * copies
    const length = total < 128 ? [total] : [(total & 0x7f) | 0x80, total >> 7]
    const copy = Array.from({ length: copies }, () => [0x01, literal.length]).flat()
    return Buffer.from([...length, (literal.length - 1) << 2, ...literal, ...copy])
  })

const blocks = (codec: CompressionName): fc.Arbitrary<Uint8Array> => {
  const written = fc
    .tuple(content, fc.constantFrom(0, 1, 2))
    .map(([bytes, magic]) => compress(codec, bytes, { magic }))
  const several = fc.tuple(written, written).map((parts) => Buffer.concat(parts))
  return codec === 'snappy' ? fc.oneof(written, several, rawSnappy) : fc.oneof(written, several)
}

const inputs = fc
  .tuple(fc.constantFrom(...codecs), fc.constantFrom(...limits), fc.constantFrom(0, 2))
  .chain(([codec, limit, magic]) => {
    const label = `block ${codec} ${limit} ${magic}`
    return fc.oneof(
      { arbitrary: content.map((bytes) => labelled(`content ${codec}`, bytes)), weight: 1 },
      { arbitrary: blocks(codec).map((bytes) => labelled(label, bytes)), weight: 1 },
      { arbitrary: mutated(blocks(codec)).map((bytes) => labelled(label, bytes)), weight: 5 },
      { arbitrary: rawBytes.map((bytes) => labelled(label, bytes)), weight: 1 },
    )
  })

function run(input: Uint8Array): void {
  const { words, body } = readLabel(input)
  const [kind, name, limit, magic] = words
  const codec = codecs.find((each) => each === name)
  if (codec === undefined) return
  if (kind === 'content') {
    const block = compress(codec, body)
    const back = decompress(codec, block, { maxBytes: body.length })
    mustEqual(Buffer.compare(back, body), 0, 'decompressed, against what was compressed')
    return
  }
  const maxBytes = Number(limit)
  const output = valueOrRefusal(() => decompress(codec, body, { maxBytes, magic: Number(magic) }))
  if (output === undefined) return
  must(output.length <= maxBytes, () => `${output.length} bytes, ${maxBytes} were allowed`)
}

/** Every decompressor. */
export const createCompression = (): Fuzzer => {
  // What a codec loads, WebAssembly with its memory for one, is not what an input takes.
  for (const codec of codecs) decompress(codec, compress(codec, Buffer.of(1)), { maxBytes: 1 })
  return { inputs, batchRuns: 500, maxGrowthBytes: 16 * 1024 * 1024, run }
}
