import { ApiVersions, ErrorCode } from '@ottla/protocol'
import { apis } from '@ottla/protocol/registry'
import type { AnyApi } from '../client/any-api.js'
import { nonEmpty } from '../match/index.js'
import { releaseProfiles } from '../releases/index.js'
import { documents, messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { kebabCase } from './kebab-case.js'
import { minimalRequest } from './minimal-requests.js'

const FRAMES = documents.messages
const KIP_482 = 'KIP-482: The Kafka Protocol should Support Optional Tagged Fields'

/** A tag that no schema has, with bytes that mean nothing. */
const unknownTaggedFields = [{ tag: 4_242, data: Buffer.from('unknown to everybody') }]

const clientApis = apis.filter(({ name }) => releaseProfiles.some((one) => name in one.apis))

const servesOthers = async (t: RuleContext) => {
  const request = { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1' }
  const other = await t.connect()
  const answer = await other.ask(ApiVersions, request, { version: 0 })
  t.expect(answer, { errorCode: ErrorCode.NONE, apiKeys: nonEmpty })
}

function rulesOf(api: AnyApi): Rule[] {
  const name = kebabCase(api.name)
  const common = { apis: [api], topic: 'robustness' } as const
  return [
    rule({
      ...common,
      id: `${name}.answers-in-its-shape`,
      topic: 'shape',
      says: `A minimal ${api.name} request of any version is answered under its correlation id, in the shape of the same version, to the last byte.`,
      source: `${FRAMES}; ${messageDocument(api.name)}`,
      run: async (t) => {
        await t.client.ask(api, minimalRequest(api))
        t.equal(t.client.order.length, 1, 'number of answers')
      },
    }),
    rule({
      ...common,
      id: `${name}.ignores-unknown-tagged-field`,
      says: `A tagged field that the broker does not know changes nothing in the answer to ${api.name}.`,
      source: KIP_482,
      versions: flexibleVersions(api),
      run: async (t) => {
        await t.client.ask(api, { ...minimalRequest(api), unknownTaggedFields })
        t.equal(t.client.order.length, 1, 'number of answers')
      },
    }),
    rule({
      ...common,
      id: `${name}.survives-truncated-body`,
      says: `A ${api.name} request that ends too early is answered or ends its connection, and no other.`,
      source: FRAMES,
      run: async (t) => {
        const whole = t.client.encode(api, minimalRequest(api))
        const cut = whole.slice(0, -1)
        new DataView(cut.buffer).setInt32(0, cut.length - 4)
        t.client.sendRaw(cut)
        await t.client.frameOrClosed()
        await servesOthers(t)
      },
    }),
    rule({
      ...common,
      id: `${name}.refuses-unknown-version`,
      says: `A version of ${api.name} above those advertised is answered or ends its connection, and no other.`,
      source: 'KIP-35: Retrieving protocol version',
      versions: 'newest',
      run: async (t) => {
        const frame = t.client.encode(api, minimalRequest(api))
        new DataView(frame.buffer, frame.byteOffset).setInt16(6, 32_000)
        t.client.sendRaw(frame)
        await t.client.frameOrClosed()
        await servesOthers(t)
      },
    }),
  ]
}

function flexibleVersions(api: AnyApi): { readonly min: number } {
  const { min, max } = api.versions
  for (let version = min; version <= max; version++) {
    if (api.request.flexible(version)) return { min: version }
  }
  return { min: max + 1 }
}

/** Some APIs have no version that takes tagged fields. */
function hasVersions({ apis: [api], versions }: Rule): boolean {
  return versions === 'newest' || (versions?.min ?? 0) <= api.versions.max
}

/** Rules that hold for every API a client may send, one of each kind for each API. */
export const rules: readonly Rule[] = clientApis.flatMap(rulesOf).filter(hasVersions)
