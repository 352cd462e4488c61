import { ApiVersions, ErrorCode, Metadata } from '@ottla/protocol'
import { containing } from '../match/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'

const FRAMES = documents.frames
const NETWORK = documents.network

const versions = { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1' }

/** Bytes with a size before them. */
function sized(body: readonly number[], size = body.length): Uint8Array {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(size)
  frame.set(body, 4)
  return frame
}

const repeated = (byte: number, length: number) => Array.from({ length }, () => byte)

/** Frames that end their connection: what a broker cannot read, it cannot answer. */
const frames: readonly (readonly [id: string, what: string, frame: Uint8Array])[] = [
  ['negative-size', 'A negative size', sized([], -1)],
  ['lowest-size', 'The lowest size there is', sized([], -2147483648)],
  ['size-above-limit', 'A size above socket.request.max.bytes', sized([], 2147483647)],
  ['empty-frame', 'A frame without bytes', sized([])],
  ['one-byte', 'A frame of one byte', sized([0])],
  ['half-header', 'A frame that ends within its header', sized([0, 18, 0, 0, 0, 0])],
  ['unknown-api', 'An API key that does not exist', sized([0x7f, 0xff, ...repeated(0, 20)])],
  ['negative-api', 'A negative API key', sized([0xff, 0xff, ...repeated(0, 20)])],
  ['negative-version', 'A negative version', sized([0, 3, 0xff, 0xff, ...repeated(0, 20)])],
  [
    'client-id-too-long',
    'A client id longer than its frame',
    sized([0, 3, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0]),
  ],
  [
    'array-too-long',
    'A list longer than its frame',
    sized([0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]),
  ],
  ['ones', 'A frame of ones', sized(repeated(0xff, 64))],
  ['http', 'A request of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n')],
  ['tls', 'The beginning of TLS', Buffer.from('16030100c8010000c40303', 'hex')],
]

const answered = { errorCode: ErrorCode.NONE, apiKeys: containing({ apiKey: ApiVersions.key }) }

/** Another connection is served as ever. */
async function serves(t: RuleContext) {
  const other = await t.connect()
  t.expect(await other.ask(ApiVersions, versions), answered)
}

/** Rules about what no request is, and about requests in a row; listed under Metadata and ApiVersions. */
export const rules: readonly Rule[] = [
  ...frames.map(([id, what, frame]) =>
    rule({
      id: `malformed.${id}`,
      says: `${what} ends the connection, and no other.`,
      source: FRAMES,
      apis: [ApiVersions],
      topic: 'robustness',
      versions: 'newest',
      run: async (t) => {
        t.client.sendRaw(frame)
        await t.client.closed()
        await serves(t)
      },
    }),
  ),
  rule({
    id: 'malformed.half-a-frame',
    says: 'Half a frame keeps nobody else waiting, and is answered when the rest has come.',
    source: FRAMES,
    apis: [ApiVersions],
    topic: 'robustness',
    run: async (t) => {
      const { frame, answer } = t.client.prepare(ApiVersions, versions)
      t.client.sendRaw(frame.subarray(0, 9))
      await serves(t)
      t.client.sendRaw(frame.subarray(9))
      t.expect(await answer(), answered)
    },
  }),
  rule({
    id: 'malformed.byte-by-byte',
    says: 'A request that comes byte by byte is answered like every other.',
    source: FRAMES,
    apis: [ApiVersions],
    topic: 'robustness',
    run: async (t) => {
      const { frame, answer } = t.client.prepare(ApiVersions, versions)
      for (const byte of frame) t.client.sendRaw(Uint8Array.of(byte))
      t.expect(await answer(), answered)
    },
  }),
  ...[0, -1, 2147483647, -2147483648].map((correlationId) =>
    rule({
      id: `malformed.correlation-id-${correlationId < 0 ? `minus-${-correlationId}` : correlationId}`,
      says: `The correlation id ${correlationId} comes back as it was sent.`,
      source: FRAMES,
      apis: [Metadata],
      topic: 'boundaries',
      run: async (t) => {
        const request = { topics: [], allowAutoTopicCreation: false }
        await t.client.ask(Metadata, request, { correlationId })
        t.equal(t.client.order, [correlationId], 'correlation ids')
      },
    }),
  ),
  ...[null, '', 'x'.repeat(32_767), 'ü€𝄞'].map((clientId, index) =>
    rule({
      id: `malformed.client-id-${index + 1}`,
      says: `${clientId === null ? 'No client id' : `A client id of ${clientId.length} characters`} is as good as every other.`,
      source: FRAMES,
      apis: [Metadata],
      topic: 'boundaries',
      versions: { min: 1 },
      run: async (t) => {
        const request = { topics: [], allowAutoTopicCreation: false }
        const answer = await t.client.ask(Metadata, request, { clientId })
        t.expect(answer, { throttleTimeMs: 0, topics: [] })
      },
    }),
  ),
  rule({
    id: 'malformed.pipelined-apis-in-order',
    says: 'Requests of several APIs and versions in a row are answered in the order in which they were sent.',
    source: NETWORK,
    apis: [Metadata, ApiVersions],
    topic: 'robustness',
    run: async (t) => {
      const request = { topics: [], allowAutoTopicCreation: false }
      const sent = Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? t.client.send(ApiVersions, versions, { version: index % 4 })
          : t.client.send(Metadata, request),
      )
      for (const one of sent) await one.answer()
      const ids = sent.map((one) => one.correlationId)
      t.equal(t.client.order, ids, 'order of the answers')
    },
  }),
]
