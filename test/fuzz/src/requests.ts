import { type Api, encodeRecordBatch, encodeRequest, ZERO_UUID } from '@ottla/protocol'
import fc from 'fast-check'
import { structOf } from '../../../packages/protocol/src/testing/schema-values.js'
import { mutated, rawBytes } from './mutations.js'
import { fuzzTopic } from './probed-broker.js'

/** An API at the versions that are to be tried. */
export interface Served {
  readonly api: Api
  readonly min: number
  readonly max: number
}

/** Stands in inputs for the id of the topic, which is another one in every broker. */
export const topicIdMark = 'f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff'

const batch = fc
  .tuple(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 3 }), fc.nat(3))
  .map(([values, kind]): Uint8Array => {
    const records = values.map((value) => ({ value, timestamp: 1_700_000_000_000 }))
    if (kind === 1) return encodeRecordBatch({ records, compression: 'gzip' })
    if (kind < 2) return encodeRecordBatch({ records })
    return encodeRecordBatch({ records, producerId: 0n, producerEpoch: 0, baseSequence: kind - 2 })
  })

const topicName = fc.constantFrom(fuzzTopic, fuzzTopic, fuzzTopic, 'missing', '')
const groupName = fc.constantFrom('group', 'group', '')

/** Values by the name of the field, so that requests get further than the first check. */
const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  topic: topicName,
  topicName,
  name: fc.constantFrom(fuzzTopic, fuzzTopic, 'new', 'retention.ms', 'cleanup.policy', 'range'),
  value: fc.constantFrom('1', '-1', 'compact', 'delete', ''),
  resourceName: fc.constantFrom(fuzzTopic, 'group', '1', ''),
  groupId: groupName,
  key: groupName,
  protocolType: fc.constantFrom('consumer', ''),
  memberId: fc.constantFrom('', 'member'),
  mechanism: fc.constantFrom('PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER', 'NONE'),
  clientSoftwareName: fc.constantFrom('fuzz', ''),
  clientSoftwareVersion: fc.constantFrom('1', ''),
}
const most = 0x7fffffff
const numbers: Readonly<Record<string, fc.Arbitrary<number>>> = {
  resourceType: fc.constantFrom(2, 4, 8, 16, 32, 0),
  generationId: fc.constantFrom(-1, 0, 1),
  sessionTimeoutMs: fc.constantFrom(6000, 10_000, 0, -1),
  rebalanceTimeoutMs: fc.constantFrom(100, 10_000, 0, -1),
  maxWaitMs: fc.constantFrom(0, 0, 1, 100, most),
  timeoutMs: fc.constantFrom(0, 100, most, -1),
  maxBytes: fc.constantFrom(0, 1, 100_000, most),
  partitionMaxBytes: fc.constantFrom(0, 1, 100_000, most),
  acks: fc.constantFrom(-1, 1, 0),
  sessionId: fc.constantFrom(0, 0, 1),
  sessionEpoch: fc.constantFrom(-1, 0, 1),
}
const topicId = fc.constantFrom(topicIdMark, topicIdMark, ZERO_UUID)
const records = fc.oneof({ arbitrary: batch, weight: 3 }, mutated(batch))

/** First messages of SASL mechanisms, right and changed. */
const goodTokens = [
  '\0alice\0secret',
  'n,,n=alice,r=abcdefgh',
  'n,,\u0001auth=Bearer a.b.\u0001\u0001',
  '',
]
const goodToken = fc
  .constantFrom(...goodTokens)
  .map((text): Uint8Array => new Uint8Array(Buffer.from(text)))
const tokens = fc.oneof(goodToken, mutated(goodToken), rawBytes)

function choose(field: string, kind: string): fc.Arbitrary<unknown> | undefined {
  if (kind === 'string') return texts[field]
  if (kind === 'int8' || kind === 'int16' || kind === 'int32') return numbers[field]
  if (kind === 'uuid') return field === 'topicId' ? topicId : undefined
  if (kind === 'bytes' && field === 'authBytes') return tokens
  return kind === 'records' ? records : undefined
}

/** A request frame without its size. */
const requestOf = ({ api, min, max }: Served): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    ...Array.from({ length: max - min + 1 }, (_, index) => {
      const version = min + index
      const flexible = api.request.flexible(version)
      const body = structOf(api.request.schema.shape, {
        version,
        flexible,
        smallNumbers: true,
        choose,
      })
      return fc
        .tuple(body, fc.nat(9), fc.constantFrom('fuzz', '', null))
        .map(([value, correlationId, clientId]) =>
          encodeRequest(api, version, { correlationId, clientId }, value),
        )
    }),
  )

/** The frame with its size before it. */
export const framed = (frame: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(4 + frame.length)
  bytes.writeInt32BE(frame.length)
  bytes.set(frame, 4)
  return bytes
}

/** What a client might send in one go: requests, good and changed, whole and cut. */
export function requestStreams(served: readonly Served[]): fc.Arbitrary<Uint8Array> {
  const request = fc.oneof(...served.map(requestOf))
  const frame = fc.oneof(
    { arbitrary: request, weight: 4 },
    { arbitrary: mutated(request), weight: 5 },
    { arbitrary: rawBytes, weight: 1 },
  )
  const stream = fc
    .array(frame, { minLength: 1, maxLength: 4 })
    .map((frames): Uint8Array => Buffer.concat(frames.map(framed)))
  return fc.oneof({ arbitrary: stream, weight: 4 }, { arbitrary: mutated(stream), weight: 1 })
}
