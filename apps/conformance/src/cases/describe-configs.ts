import {
  CreateTopics,
  DescribeCluster,
  DescribeConfigs,
  type DescribeConfigsRequestInput,
  ErrorCode,
  IncrementalAlterConfigs,
} from '@ottla/protocol'
import { containing, nonEmpty, oneOf } from '../match/index.js'
import { brokerConfigDocument, messageDocument, topicConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  ConfigResourceType,
  ConfigSource,
  changeConfigs,
  createTopic,
  topicResource,
} from '../steps/index.js'

const DOCUMENT = messageDocument('DescribeConfigs')
const KIP_133 = 'KIP-133: Describe and Alter Configs Admin APIs'
const KIP_226 = 'KIP-226: Dynamic Broker Configuration'
const KIP_569 =
  'KIP-569: DescribeConfigsResponse - Update the schema to include additional metadata'

type Resource = DescribeConfigsRequestInput['resources'][number]

const describe = (
  t: RuleContext,
  resources: readonly Resource[],
  rest: Omit<DescribeConfigsRequestInput, 'resources'> = {},
) => t.client.ask(DescribeConfigs, { resources: [...resources], ...rest })

async function brokerResource(t: RuleContext) {
  const { brokers } = await t.client.ask(DescribeCluster, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: false,
  })
  const resourceName = String(brokers[0]?.brokerId)
  return { resourceType: ConfigResourceType.BROKER, resourceName }
}

/** Types of configs, as the answer numbers them. */
const ConfigType = { BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 } as const

/** Configs of a topic with their types and the values that the documentation gives as default. */
const topicConfigs: readonly (readonly [name: string, type: number, value: string])[] = [
  ['cleanup.policy', ConfigType.LIST, 'delete'],
  ['compression.gzip.level', ConfigType.INT, '-1'],
  ['compression.lz4.level', ConfigType.INT, '9'],
  ['compression.type', ConfigType.STRING, 'producer'],
  ['compression.zstd.level', ConfigType.INT, '3'],
  ['delete.retention.ms', ConfigType.LONG, '86400000'],
  ['file.delete.delay.ms', ConfigType.LONG, '60000'],
  ['flush.messages', ConfigType.LONG, '9223372036854775807'],
  ['flush.ms', ConfigType.LONG, '9223372036854775807'],
  ['follower.replication.throttled.replicas', ConfigType.LIST, ''],
  ['index.interval.bytes', ConfigType.INT, '4096'],
  ['leader.replication.throttled.replicas', ConfigType.LIST, ''],
  ['local.retention.bytes', ConfigType.LONG, '-2'],
  ['local.retention.ms', ConfigType.LONG, '-2'],
  ['max.compaction.lag.ms', ConfigType.LONG, '9223372036854775807'],
  ['max.message.bytes', ConfigType.INT, '1048588'],
  ['message.timestamp.after.max.ms', ConfigType.LONG, '3600000'],
  ['message.timestamp.before.max.ms', ConfigType.LONG, '9223372036854775807'],
  ['message.timestamp.type', ConfigType.STRING, 'CreateTime'],
  ['min.cleanable.dirty.ratio', ConfigType.DOUBLE, '0.5'],
  ['min.compaction.lag.ms', ConfigType.LONG, '0'],
  ['min.insync.replicas', ConfigType.INT, '1'],
  ['preallocate', ConfigType.BOOLEAN, 'false'],
  ['remote.storage.enable', ConfigType.BOOLEAN, 'false'],
  ['retention.bytes', ConfigType.LONG, '-1'],
  ['retention.ms', ConfigType.LONG, '604800000'],
  ['segment.bytes', ConfigType.INT, '1073741824'],
  ['segment.index.bytes', ConfigType.INT, '10485760'],
  ['segment.jitter.ms', ConfigType.LONG, '0'],
  ['segment.ms', ConfigType.LONG, '604800000'],
  ['unclean.leader.election.enable', ConfigType.BOOLEAN, 'false'],
]

const readOnlyBrokerConfigs = ['node.id', 'log.dirs', 'process.roles', 'num.partitions']

const topicRules = topicConfigs.map(([name, configType, value]) =>
  rule({
    id: `describe-configs.topic-${name.replaceAll('.', '-')}`,
    says: `A topic has the config ${name}, of its type, and ${value === '' ? 'nothing' : value} where nobody set it.`,
    source: topicConfigDocument(name),
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    releases: { from: '4.0' },
    versions: 'newest',
    run: async (t) => {
      const topic = await createTopic(t)
      const resource = { ...topicResource(topic.name), configurationKeys: [name] }
      const answer = await describe(t, [resource])
      const source = answer.results[0]?.configs[0]?.configSource
      const flags = { readOnly: false, isSensitive: false, configType }
      const { DEFAULT, STATIC_BROKER, DYNAMIC_BROKER, DYNAMIC_DEFAULT_BROKER } = ConfigSource
      const configSource = oneOf(DEFAULT, STATIC_BROKER, DYNAMIC_BROKER, DYNAMIC_DEFAULT_BROKER)
      const config = source === DEFAULT ? { name, value } : { name }
      t.expect(answer, { results: [{ configs: [{ ...config, ...flags, configSource }] }] })
    },
  }),
)

const unknownResources: readonly (readonly [
  id: string,
  what: string,
  error: number,
  resourceType: number,
  name: (t: RuleContext) => string,
])[] = [
  [
    'unknown-topic',
    'A topic that does not exist',
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    2,
    (t) => t.name('topic'),
  ],
  [
    'invalid-topic-name',
    'A name that no topic can have',
    ErrorCode.INVALID_TOPIC_EXCEPTION,
    2,
    () => 'a b',
  ],
  [
    'other-broker',
    'A broker other than the one asked',
    ErrorCode.INVALID_REQUEST,
    4,
    () => '987654',
  ],
  [
    'broker-without-number',
    'A broker whose name is no number',
    ErrorCode.INVALID_REQUEST,
    4,
    () => 'first',
  ],
  [
    'logger-of-other-broker',
    'Loggers of another broker',
    ErrorCode.INVALID_REQUEST,
    8,
    () => '987654',
  ],
  [
    'unknown-resource-type',
    'A kind of resource that does not exist',
    ErrorCode.INVALID_REQUEST,
    99,
    () => 'x',
  ],
  ['group-without-name', 'A group without a name', ErrorCode.INVALID_REQUEST, 32, () => ''],
  [
    'client-metrics-without-name',
    'Client metrics without a name',
    ErrorCode.INVALID_REQUEST,
    16,
    () => '',
  ],
]

/** Rules of DescribeConfigs. */
export const rules: readonly Rule[] = [
  ...topicRules,
  rule({
    id: 'describe-configs.all-of-a-topic',
    says: 'Without names all configs of a topic come, each once.',
    source: KIP_133,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const answer = await describe(t, [{ ...resource, configurationKeys: null }])
      const names = answer.results[0]?.configs.map((config) => config.name) ?? []
      t.equal(new Set(names).size, names.length, 'number of different names')
      t.expect(answer, {
        throttleTimeMs: 0,
        results: [
          {
            errorCode: ErrorCode.NONE,
            ...resource,
            configs: containing(
              ...['cleanup.policy', 'retention.ms', 'segment.bytes'].map((name) => ({ name })),
            ),
          },
        ],
      })
    },
  }),
  rule({
    id: 'describe-configs.by-name',
    says: 'With names the configs of these names come, and names that nothing has are passed over.',
    source: KIP_133,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const configurationKeys = ['no.such.config', 'segment.bytes']
      t.expect(await describe(t, [{ ...resource, configurationKeys }]), {
        results: [{ errorCode: ErrorCode.NONE, configs: [{ name: 'segment.bytes' }] }],
      })
    },
  }),
  rule({
    id: 'describe-configs.own-value',
    says: 'A config that was set on the topic comes with its value, and the topic as its source.',
    source: KIP_226,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    run: async (t) => {
      const configs = { 'retention.ms': '4711' }
      const resource = topicResource((await createTopic(t, { configs })).name)
      const answer = await describe(t, [{ ...resource, configurationKeys: ['retention.ms'] }])
      const configSource = ConfigSource.DYNAMIC_TOPIC
      t.expect(answer, {
        results: [
          { configs: [{ name: 'retention.ms', value: '4711', configSource, synonyms: [] }] },
        ],
      })
    },
  }),
  rule({
    id: 'describe-configs.synonyms',
    says: 'Asked for, synonyms list all values in the order in which they hold, the broker’s names among them.',
    source: KIP_226,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    versions: { min: 1 },
    run: async (t) => {
      const configs = { 'min.insync.replicas': '2' }
      const resource = topicResource((await createTopic(t, { configs })).name)
      const wanted = { ...resource, configurationKeys: ['min.insync.replicas'] }
      const answer = await describe(t, [wanted], { includeSynonyms: true })
      const name = 'min.insync.replicas'
      t.expect(answer, {
        results: [
          {
            configs: [
              {
                name,
                value: '2',
                synonyms: containing(
                  { name, value: '2', source: ConfigSource.DYNAMIC_TOPIC },
                  { name, value: nonEmpty, source: ConfigSource.DEFAULT },
                ),
              },
            ],
          },
        ],
      })
      const first = answer.results[0]?.configs[0]?.synonyms[0]
      t.equal(first?.source, ConfigSource.DYNAMIC_TOPIC, 'source of the first synonym')
    },
  }),
  rule({
    id: 'describe-configs.synonym-of-the-broker',
    says: 'The default of a topic’s config comes under the broker’s name for it.',
    source: KIP_226,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    versions: { min: 1 },
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const wanted = { ...resource, configurationKeys: ['segment.index.bytes'] }
      const answer = await describe(t, [wanted], { includeSynonyms: true })
      t.expect(answer, {
        results: [{ configs: [{ synonyms: containing({ name: 'log.index.size.max.bytes' }) }] }],
      })
    },
  }),
  rule({
    id: 'describe-configs.documentation',
    says: 'Documentation comes when asked for, and only then.',
    source: KIP_569,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'configs',
    versions: { min: 3 },
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const wanted = { ...resource, configurationKeys: ['retention.ms'] }
      t.expect(await describe(t, [wanted], { includeDocumentation: true }), {
        results: [{ configs: [{ documentation: nonEmpty }] }],
      })
      t.expect(await describe(t, [wanted]), { results: [{ configs: [{ documentation: null }] }] })
    },
  }),
  ...unknownResources.map(([id, what, errorCode, resourceType, name]) =>
    rule({
      id: `describe-configs.${id}`,
      says: `${what} is answered with an error and a message, without configs.`,
      source: DOCUMENT,
      apis: [DescribeConfigs],
      topic: 'errors',
      releases: { from: '4.1' },
      run: async (t) => {
        const resource = { resourceType, resourceName: name(t) }
        t.expect(await describe(t, [{ ...resource, configurationKeys: null }]), {
          results: [{ errorCode, ...resource, configs: [] }],
        })
      },
    }),
  ),
  rule({
    id: 'describe-configs.known-and-unknown-together',
    says: 'A resource that is refused spoils nothing for the others in the request.',
    source: KIP_133,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'errors',
    run: async (t) => {
      const known = topicResource((await createTopic(t)).name)
      const unknown = topicResource(t.name('topic'))
      const configurationKeys = ['retention.ms']
      const answer = await describe(t, [
        { ...unknown, configurationKeys },
        { ...known, configurationKeys },
      ])
      t.expect(answer, {
        results: containing(
          { ...unknown, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, configs: [] },
          { ...known, errorCode: ErrorCode.NONE, configs: [{ name: 'retention.ms' }] },
        ),
      })
    },
  }),
  rule({
    id: 'describe-configs.changed-value',
    says: 'A value that was changed is seen soon.',
    source: KIP_133,
    apis: [DescribeConfigs, CreateTopics, IncrementalAlterConfigs],
    topic: 'configs',
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      await changeConfigs(t, resource, { 'retention.ms': '4712' })
      const wanted = { ...resource, configurationKeys: ['retention.ms'] }
      const answer = await t.until('the new value', async () => {
        const found = await describe(t, [wanted])
        return found.results[0]?.configs[0]?.value === '4712' && found
      })
      const configSource = ConfigSource.DYNAMIC_TOPIC
      t.expect(answer, { results: [{ configs: [{ value: '4712', configSource }] }] })
    },
  }),
  ...readOnlyBrokerConfigs.map((name) =>
    rule({
      id: `describe-configs.broker-${name.replaceAll('.', '-')}`,
      says: `A broker has the config ${name}, which cannot be changed while it runs.`,
      source: `${brokerConfigDocument(name)}; update mode read-only`,
      apis: [DescribeConfigs, DescribeCluster],
      topic: 'configs',
      run: async (t) => {
        const resource = await brokerResource(t)
        t.expect(await describe(t, [{ ...resource, configurationKeys: [name] }]), {
          results: [
            {
              ...resource,
              errorCode: ErrorCode.NONE,
              configs: [{ name, readOnly: true, isSensitive: false }],
            },
          ],
        })
      },
    }),
  ),
  rule({
    id: 'describe-configs.broker-node-id-is-its-own',
    says: 'The config node.id of a broker is the id that it goes by.',
    source: KIP_133,
    apis: [DescribeConfigs, DescribeCluster],
    topic: 'configs',
    run: async (t) => {
      const resource = await brokerResource(t)
      t.expect(await describe(t, [{ ...resource, configurationKeys: ['node.id'] }]), {
        results: [{ configs: [{ value: resource.resourceName }] }],
      })
    },
  }),
  rule({
    id: 'describe-configs.secrets-are-kept',
    says: 'A config that holds a secret is called sensitive and comes without its value.',
    source: KIP_133,
    apis: [DescribeConfigs, DescribeCluster],
    topic: 'security',
    run: async (t) => {
      const resource = await brokerResource(t)
      const name = 'ssl.keystore.password'
      t.expect(await describe(t, [{ ...resource, configurationKeys: [name] }]), {
        results: [{ configs: [{ name, value: null, isSensitive: true }] }],
      })
    },
  }),
  rule({
    id: 'describe-configs.forbidden',
    says: 'Without the right to describe its configs, a topic is answered with TOPIC_AUTHORIZATION_FAILED.',
    source: DOCUMENT,
    apis: [DescribeConfigs, CreateTopics],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const request = { resources: [{ ...resource, configurationKeys: null }] }
      const errorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED
      t.expect(await alice.ask(DescribeConfigs, request), { results: [{ errorCode, configs: [] }] })
    },
  }),
  rule({
    id: 'describe-configs.forbidden-broker',
    says: 'Without the right to describe it, a broker is answered with CLUSTER_AUTHORIZATION_FAILED.',
    source: DOCUMENT,
    apis: [DescribeConfigs, DescribeCluster],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const resource = await brokerResource(t)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const request = { resources: [{ ...resource, configurationKeys: null }] }
      const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
      t.expect(await alice.ask(DescribeConfigs, request), { results: [{ errorCode, configs: [] }] })
    },
  }),
]
