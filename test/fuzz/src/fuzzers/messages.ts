import type { MessageType } from '@ottla/protocol'
import { messageType, messageTypes } from '@ottla/protocol/registry'
import fc from 'fast-check'
import { structOf } from '../../../../packages/protocol/src/testing/schema-values.js'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { must, mustEqual, valueOrRefusal } from '../must.js'
import { mutated, rawBytes } from '../mutations.js'

interface Pair {
  readonly type: MessageType
  readonly version: number
}

const pairs: readonly Pair[] = messageTypes().flatMap((type) => {
  const { min, max } = type.versions
  return Array.from({ length: max - min + 1 }, (_, index) => ({ type, version: min + index }))
})

const encodings = new Map<Pair, fc.Arbitrary<Uint8Array>>()

/** Encoded values of a message; made once, as this compiles hundreds of schemas. */
function encodingsOf(pair: Pair): fc.Arbitrary<Uint8Array> {
  const { type, version } = pair
  const known = encodings.get(pair)
  if (known !== undefined) return known
  const values = structOf(type.schema.shape, { version, flexible: type.flexible(version) })
  const made = values.map((value) => type.at(version).encode(value))
  encodings.set(pair, made)
  return made
}

const inputs = fc.constantFrom(...pairs).chain((pair) => {
  const { type, version } = pair
  const valid = encodingsOf(pair)
  return fc.oneof(
    {
      arbitrary: valid.map((bytes) => labelled(`valid ${type.name} ${version}`, bytes)),
      weight: 1,
    },
    {
      arbitrary: mutated(valid).map((bytes) => labelled(`any ${type.name} ${version}`, bytes)),
      weight: 3,
    },
    {
      arbitrary: rawBytes.map((bytes) => labelled(`any ${type.name} ${version}`, bytes)),
      weight: 1,
    },
  )
})

/** Decodes a message; what decodes must encode, to the same bytes if they are a writer's, and decode to the same value. */
function run(input: Uint8Array): void {
  const { words, body } = readLabel(input)
  const type = messageType(words[1] ?? '')
  if (type === undefined) return
  const codec = type.at(Number(words[2]))
  if (words[0] === 'valid') {
    mustEqual(Buffer.from(codec.encode(codec.decode(body))), body, 'encoded again')
    return
  }
  const value = valueOrRefusal(() => codec.decode(body))
  if (value === undefined) return
  const again = codec.encode(value)
  // Bytes that are no UTF-8 become three each.
  must(again.length <= 3 * body.length + 16, () => `${body.length} bytes became ${again.length}`)
  mustEqual(codec.decode(Buffer.from(again)), value, 'decoded again')
}

/** Every message at every version. */
export const messages: Fuzzer = {
  inputs,
  batchRuns: 500,
  maxGrowthBytes: 8 * 1024 * 1024,
  run,
}
