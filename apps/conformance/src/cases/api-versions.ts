import { ApiVersions, ApiVersionsResponse, ErrorCode, Metadata } from '@ottla/protocol'
import { apis } from '@ottla/protocol/registry'
import { formatAddress } from '../client/address.js'
import { atLeast, containing, oneOf, satisfying } from '../match/index.js'
import { releaseProfiles } from '../releases/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from '../steps/index.js'
import { kebabCase } from './kebab-case.js'
import { NO_SUCH_NODE } from './nobody.js'

const KIP_35 = 'KIP-35: Retrieving protocol version'
const KIP_511 = 'KIP-511: Collect and Expose Client’s Name and Version in the Brokers'

const request = { clientSoftwareName: 'ottla-conformance', clientSoftwareVersion: '1.0' }

/** One rule for each API that a broker of some release advertises to clients. */
function advertisingRules(): Rule[] {
  const names = new Set(releaseProfiles.flatMap((profile) => Object.keys(profile.apis)))
  return [...names].map((name) => {
    const from = releaseProfiles.find((profile) => name in profile.apis)?.release ?? '0'
    return rule({
      id: `api-versions.advertises-${kebabCase(name)}`,
      says: `A broker advertises ${name} with the versions of its release.`,
      source: `${documents.apiKeys}; validVersions of ${name}Request`,
      apis: [ApiVersions],
      topic: 'versions',
      versions: 'newest',
      releases: { from },
      needs: /Telemetry/.test(name) ? ['telemetry'] : [],
      run: (t) => advertises(t, name),
    })
  })
}

async function advertises(t: RuleContext, name: string): Promise<void> {
  const profile = releaseProfiles.find(({ release }) => release === t.release)
  const [minVersion, maxVersion] = profile?.apis[name] ?? []
  const apiKey = apis.find((api) => api.name === name)?.key
  const answer = await t.client.ask(ApiVersions, request)
  t.expect(answer, { apiKeys: containing({ apiKey, minVersion, maxVersion }) })
}

/** Clients that mean another place than the one they have reached, or say only half of which. */
const misrouted: readonly Rule[] = (
  [
    ['other-cluster', 'another cluster', 'REBOOTSTRAP_REQUIRED', { clusterId: 'conformance-none' }],
    ['other-node', 'another node', 'REBOOTSTRAP_REQUIRED', { nodeId: NO_SUCH_NODE }],
    ['cluster-without-node', 'a cluster, but no node of it', 'INVALID_REQUEST', { nodeId: -1 }],
    ['node-without-cluster', 'a node, but not its cluster', 'INVALID_REQUEST', { clusterId: null }],
  ] as const
).map(([id, what, code, wrong]) =>
  rule({
    id: `api-versions.${id}`,
    says: `A client that means ${what} is refused with ${code}.`,
    source: 'KIP-1242: Detection and handling of misrouted connections',
    apis: [ApiVersions, Metadata],
    topic: 'errors',
    versions: { min: 5 },
    run: async (t) => {
      const nothing = { topics: [], allowAutoTopicCreation: false }
      const { clusterId, brokers } = await t.client.ask(Metadata, nothing, newest(t, Metadata))
      const [node] = brokers
      if (node === undefined) throw new Error('the cluster has no broker')
      // Of its own address: the one that the run was given may be that of many.
      const client = await t.connect({ address: formatAddress(node) })
      const place = { ...request, clusterId, nodeId: node.nodeId }
      t.expect(await client.ask(ApiVersions, place), { errorCode: ErrorCode.NONE })
      const answer = await client.ask(ApiVersions, { ...place, ...wrong })
      t.expect(answer, { errorCode: ErrorCode[code] })
    },
  }),
)

/** Rules of ApiVersions. */
export const rules: readonly Rule[] = [
  ...advertisingRules(),
  rule({
    id: 'api-versions.answers-without-error',
    says: 'Every version of the request that is advertised is answered with error 0.',
    source: KIP_35,
    apis: [ApiVersions],
    topic: 'shape',
    run: async (t) => {
      const answer = await t.client.ask(ApiVersions, request)
      t.expect(answer, { errorCode: ErrorCode.NONE, throttleTimeMs: 0 })
    },
  }),
  rule({
    id: 'api-versions.lists-itself',
    says: 'The list holds ApiVersions itself, with the version that was just used.',
    source: KIP_35,
    apis: [ApiVersions],
    topic: 'versions',
    run: async (t) => {
      const answer = await t.client.ask(ApiVersions, request)
      const maxVersion = atLeast(t.version)
      t.expect(answer, {
        apiKeys: containing({ apiKey: ApiVersions.key, minVersion: 0, maxVersion }),
      })
    },
  }),
  rule({
    id: 'api-versions.ranges-are-ranges',
    says: 'No API is listed twice, and no lowest version is above the highest.',
    source: KIP_35,
    apis: [ApiVersions],
    topic: 'versions',
    run: async (t) => {
      const { apiKeys } = await t.client.ask(ApiVersions, request)
      const keys = apiKeys.map(({ apiKey }) => apiKey)
      t.equal(new Set(keys).size, keys.length, 'number of different keys')
      for (const range of apiKeys) {
        t.expect(range, { minVersion: atLeast(0), maxVersion: atLeast(range.minVersion) })
      }
    },
  }),
  rule({
    id: 'api-versions.same-for-every-version',
    says: 'All versions of the request get the same list of APIs.',
    source: KIP_35,
    apis: [ApiVersions],
    topic: 'versions',
    run: async (t) => {
      const { apiKeys } = await t.client.ask(ApiVersions, request, { version: 0 })
      t.expect(await t.client.ask(ApiVersions, request), { apiKeys })
    },
  }),
  rule({
    id: 'api-versions.unsupported-version-falls-back',
    says: 'A version that the broker lacks is answered in version 0 with UNSUPPORTED_VERSION and the versions of ApiVersions.',
    source: `${KIP_511}, section ApiVersions Request/Response Handling`,
    apis: [ApiVersions],
    topic: 'versions',
    versions: 'newest',
    run: async (t) => {
      const frame = t.client.encode(ApiVersions, request, { correlationId: 4711 })
      const unknown = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
      unknown.setInt16(6, 99)
      t.client.sendRaw(frame)
      const bytes = await t.client.frame()
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      t.equal(view.getInt32(0), 4711, 'correlation id')
      const answer = ApiVersionsResponse.at(0).decode(bytes.subarray(4))
      t.equal(answer.errorCode, ErrorCode.UNSUPPORTED_VERSION, 'error code')
      const own = answer.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)
      t.equal(own, { apiKey: ApiVersions.key, minVersion: 0, maxVersion: t.version }, 'own range')
    },
  }),
  rule({
    id: 'api-versions.connection-lives-on-after-fallback',
    says: 'After the fallback the same connection takes the version that the broker named.',
    source: `${KIP_511}, section ApiVersions Request/Response Handling`,
    apis: [ApiVersions],
    topic: 'versions',
    versions: 'newest',
    run: async (t) => {
      const frame = t.client.encode(ApiVersions, request, { correlationId: 4711 })
      new DataView(frame.buffer, frame.byteOffset, frame.byteLength).setInt16(6, 99)
      t.client.sendRaw(frame)
      await t.client.frame()
      t.expect(await t.client.ask(ApiVersions, request), { errorCode: ErrorCode.NONE })
    },
  }),
  ...['', '-client', 'client-', 'cli ent', 'клиент', 'a/b'].map((clientSoftwareName, index) =>
    rule({
      id: `api-versions.refuses-software-name-${index + 1}`,
      says: `The client software name '${clientSoftwareName}' is refused with INVALID_REQUEST.`,
      source: `${KIP_511}, section Validation`,
      apis: [ApiVersions],
      topic: 'boundaries',
      versions: { min: 3 },
      run: async (t) => {
        const answer = await t.client.ask(ApiVersions, { ...request, clientSoftwareName })
        t.expect(answer, { errorCode: ErrorCode.INVALID_REQUEST })
      },
    }),
  ),
  ...['', '.1', '1.', '1 0'].map((clientSoftwareVersion, index) =>
    rule({
      id: `api-versions.refuses-software-version-${index + 1}`,
      says: `The client software version '${clientSoftwareVersion}' is refused with INVALID_REQUEST.`,
      source: `${KIP_511}, section Validation`,
      apis: [ApiVersions],
      topic: 'boundaries',
      versions: { min: 3 },
      run: async (t) => {
        const answer = await t.client.ask(ApiVersions, { ...request, clientSoftwareVersion })
        t.expect(answer, { errorCode: ErrorCode.INVALID_REQUEST })
      },
    }),
  ),
  ...misrouted,
  rule({
    id: 'api-versions.names-features',
    says: 'The feature metadata.version is supported, and finalized at a level that is supported.',
    source: 'KIP-584: Versioning scheme for features; KIP-778: KRaft to KRaft Upgrades',
    apis: [ApiVersions],
    topic: 'versions',
    versions: { min: 3 },
    run: async (t) => {
      const answer = await t.client.ask(ApiVersions, request)
      const name = 'metadata.version'
      const supported = answer.supportedFeatures.find((feature) => feature.name === name)
      const max = supported?.maxVersion ?? 0
      t.expect(answer, {
        supportedFeatures: containing({ name, maxVersion: atLeast(1) }),
        finalizedFeatures: containing({
          name,
          maxVersionLevel: satisfying(`1 to ${max}`, (level: number) => level >= 1 && level <= max),
        }),
        finalizedFeaturesEpoch: atLeast(0n),
      })
    },
  }),
  rule({
    id: 'api-versions.works-at-any-time',
    says: 'The request may come again on a connection, and gets the same answer.',
    source: KIP_35,
    apis: [ApiVersions],
    topic: 'versions',
    run: async (t) => {
      const { errorCode, apiKeys } = await t.client.ask(ApiVersions, request)
      t.expect(await t.client.ask(ApiVersions, request), { errorCode, apiKeys })
    },
  }),
  rule({
    id: 'api-versions.pipelined-in-order',
    says: 'Requests that are sent without waiting are answered in the order in which they were sent.',
    source: documents.network,
    apis: [ApiVersions],
    topic: 'robustness',
    run: async (t) => {
      const sent = Array.from({ length: 20 }, () => t.client.send(ApiVersions, request))
      for (const one of sent) {
        t.expect(await one.answer(), { errorCode: oneOf(ErrorCode.NONE) })
      }
      t.equal(
        t.client.order,
        sent.map((one) => one.correlationId),
        'order of the answers',
      )
    },
  }),
]
