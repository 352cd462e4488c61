import {
  CreateTopics,
  ErrorCode,
  IncrementalAlterConfigs,
  ListConfigResources,
} from '@ottla/protocol'
import { containing } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { ConfigResourceType, changeConfigs, createTopic } from '../steps/index.js'

const KIP_1142 = 'KIP-1142: Allow to list non-existent group which has dynamic config'
const KIP_714 = 'KIP-714: Client metrics and observability'

const { TOPIC, CLIENT_METRICS, GROUP, BROKER } = ConfigResourceType

/** Resources that come into being by being configured. */
const configured: readonly (readonly [
  what: string,
  type: number,
  config: string,
  value: string,
])[] = [
  ['client-metrics', CLIENT_METRICS, 'interval.ms', '5000'],
  ['group', GROUP, 'consumer.session.timeout.ms', '50000'],
]

/** Rules of ListConfigResources. */
export const rules: readonly Rule[] = [
  rule({
    id: 'list-config-resources.client-metrics',
    says: 'Version 0 lists the client metrics resources by name.',
    source: KIP_714,
    apis: [ListConfigResources, IncrementalAlterConfigs],
    topic: 'configs',
    versions: { max: 0 },
    run: async (t) => {
      const resource = { resourceType: CLIENT_METRICS, resourceName: t.name('metrics') }
      t.cleanUp(() => changeConfigs(t, resource, { 'interval.ms': null }))
      await changeConfigs(t, resource, { 'interval.ms': '5000' })
      const answer = await t.until(resource.resourceName, async () => {
        const found = await t.client.ask(ListConfigResources, {})
        const names = found.configResources.map((one) => one.resourceName)
        return names.includes(resource.resourceName) && found
      })
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        configResources: containing({ resourceName: resource.resourceName }),
      })
    },
  }),
  ...configured.map(([what, resourceType, config, value]) =>
    rule({
      id: `list-config-resources.configured-${what}`,
      says: `A ${what.replace('-', ' ')} resource is listed while it has configs, and no longer.`,
      source: KIP_1142,
      apis: [ListConfigResources, IncrementalAlterConfigs],
      topic: 'configs',
      versions: { min: 1 },
      run: async (t) => {
        const resource = { resourceType, resourceName: t.name('resource') }
        const isListed = async () => {
          const answer = await t.client.ask(ListConfigResources, { resourceTypes: [resourceType] })
          const names = answer.configResources.map((one) => one.resourceName)
          return { answer, listed: names.includes(resource.resourceName) }
        }
        await changeConfigs(t, resource, { [config]: value })
        const { answer } = await t.until('the resource', async () => {
          const found = await isListed()
          return found.listed && found
        })
        t.expect(answer, {
          throttleTimeMs: 0,
          errorCode: ErrorCode.NONE,
          configResources: containing(resource),
        })
        await changeConfigs(t, resource, { [config]: null })
        await t.until('the end of the resource', async () => !(await isListed()).listed)
      },
    }),
  ),
  rule({
    id: 'list-config-resources.topics',
    says: 'Topics are listed, whether configured or not, and nothing else where only they are asked for.',
    source: KIP_1142,
    apis: [ListConfigResources, CreateTopics],
    topic: 'configs',
    versions: { min: 1 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const answer = await t.client.ask(ListConfigResources, { resourceTypes: [TOPIC] })
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        configResources: containing({ resourceName: name, resourceType: TOPIC }),
      })
      const types = new Set(answer.configResources.map((one) => one.resourceType))
      t.equal([...types], [TOPIC], 'types')
    },
  }),
  rule({
    id: 'list-config-resources.no-types-means-all',
    says: 'Without types resources of all kinds are listed, brokers and topics among them.',
    source: KIP_1142,
    apis: [ListConfigResources, CreateTopics],
    topic: 'configs',
    versions: { min: 1 },
    run: async (t) => {
      const { name } = await createTopic(t)
      t.expect(await t.client.ask(ListConfigResources, { resourceTypes: [] }), {
        errorCode: ErrorCode.NONE,
        configResources: containing(
          { resourceName: name, resourceType: TOPIC },
          { resourceType: BROKER },
        ),
      })
    },
  }),
  rule({
    id: 'list-config-resources.unknown-type',
    says: 'A type that does not exist is refused with UNSUPPORTED_VERSION.',
    source: KIP_1142,
    apis: [ListConfigResources],
    topic: 'errors',
    versions: { min: 1 },
    run: async (t) => {
      t.expect(await t.client.ask(ListConfigResources, { resourceTypes: [99] }), {
        errorCode: ErrorCode.UNSUPPORTED_VERSION,
        configResources: [],
      })
    },
  }),
  rule({
    id: 'list-config-resources.forbidden',
    says: 'Without the right to describe configs of the cluster the list is refused with CLUSTER_AUTHORIZATION_FAILED.',
    source: KIP_714,
    apis: [ListConfigResources],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      t.expect(await alice.ask(ListConfigResources, { resourceTypes: [] }), {
        errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
        configResources: [],
      })
    },
  }),
]
