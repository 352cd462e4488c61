import {
  CreateTopics,
  DescribeCluster,
  DescribeConfigs,
  ErrorCode,
  IncrementalAlterConfigs,
  type IncrementalAlterConfigsRequestInput,
} from '@ottla/protocol'
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { brokerConfigDocument, messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  ConfigOperation,
  ConfigResourceType,
  createTopic,
  readConfig,
  topicResource,
  untilConfig,
} from '../steps/index.js'
import { resources } from './config-resource-refusals.js'

const DOCUMENT = messageDocument('IncrementalAlterConfigs')
const KIP_339 = 'KIP-339: Create a new IncrementalAlterConfigs API'
const KIP_714 = 'KIP-714: Client metrics and observability'
const KIP_848 =
  'KIP-848: The Next Generation of the Consumer Rebalance Protocol, group configurations'

type Resource = IncrementalAlterConfigsRequestInput['resources'][number]
type Change = Resource['configs'][number]

const { SET, DELETE, APPEND, SUBTRACT } = ConfigOperation

const change = (name: string, configOperation: number, value: string | null): Change => ({
  name,
  configOperation,
  value,
})

const alter = (t: RuleContext, resources: readonly Resource[], validateOnly = false) =>
  t.client.ask(IncrementalAlterConfigs, { resources: [...resources], validateOnly })

/** What changes do to `cleanup.policy` or `retention.ms` of a topic that has them set. */
const effects: readonly (readonly [
  id: string,
  says: string,
  config: string,
  before: string,
  change: readonly [operation: number, value: string | null],
  after: string,
])[] = [
  ['set', 'SET sets a value', 'retention.ms', '1000', [SET, '2000'], '2000'],
  ['set-list', 'SET replaces a list', 'cleanup.policy', 'delete', [SET, 'compact'], 'compact'],
  [
    'append',
    'APPEND adds to a list',
    'cleanup.policy',
    'delete',
    [APPEND, 'compact'],
    'delete,compact',
  ],
  [
    'append-what-is-there',
    'APPEND adds nothing twice',
    'cleanup.policy',
    'compact',
    [APPEND, 'compact'],
    'compact',
  ],
  [
    'append-to-default',
    'APPEND adds to the default',
    'cleanup.policy',
    '',
    [APPEND, 'compact'],
    'delete,compact',
  ],
  [
    'subtract',
    'SUBTRACT takes from a list',
    'cleanup.policy',
    'delete,compact',
    [SUBTRACT, 'delete'],
    'compact',
  ],
  [
    'subtract-what-is-not-there',
    'SUBTRACT of what is not there changes nothing',
    'cleanup.policy',
    'compact',
    [SUBTRACT, 'delete'],
    'compact',
  ],
]

const refusals: readonly (readonly [
  id: string,
  what: string,
  error: number,
  changes: readonly Change[],
])[] = [
  [
    'unknown-config',
    'A config that no topic has',
    ErrorCode.INVALID_CONFIG,
    [change('no.such.config', SET, '1')],
  ],
  [
    'invalid-value',
    'A value that the config cannot have',
    ErrorCode.INVALID_CONFIG,
    [change('retention.ms', SET, 'long')],
  ],
  [
    'out-of-range',
    'A value out of its range',
    ErrorCode.INVALID_CONFIG,
    [change('retention.ms', SET, '-2')],
  ],
  [
    'append-to-number',
    'APPEND to what is no list',
    ErrorCode.INVALID_CONFIG,
    [change('retention.ms', APPEND, '1')],
  ],
  [
    'subtract-from-number',
    'SUBTRACT from what is no list',
    ErrorCode.INVALID_CONFIG,
    [change('retention.ms', SUBTRACT, '1')],
  ],
  [
    'append-nonsense',
    'APPEND of an element that is not allowed',
    ErrorCode.INVALID_CONFIG,
    [change('cleanup.policy', APPEND, 'shred')],
  ],
  ['set-null', 'SET to null', ErrorCode.INVALID_REQUEST, [change('retention.ms', SET, null)]],
  [
    'append-null',
    'APPEND of null',
    ErrorCode.INVALID_REQUEST,
    [change('cleanup.policy', APPEND, null)],
  ],
  [
    'config-twice',
    'A config named twice',
    ErrorCode.INVALID_REQUEST,
    [change('retention.ms', SET, '1'), change('retention.ms', SET, '2')],
  ],
]

/** Values that a resource of its own keeps: groups and client metrics come into being by being configured. */
const kept: readonly (readonly [
  id: string,
  type: number,
  config: string,
  value: string,
  source: string,
])[] = [
  ['group', ConfigResourceType.GROUP, 'consumer.session.timeout.ms', '50000', KIP_848],
  ['client-metrics', ConfigResourceType.CLIENT_METRICS, 'interval.ms', '5000', KIP_714],
]

const readOnly = ['node.id', 'process.roles', 'broker.rack', 'auto.create.topics.enable']

async function firstBroker(t: RuleContext) {
  const { brokers } = await t.client.ask(DescribeCluster, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: false,
  })
  return { resourceType: ConfigResourceType.BROKER, resourceName: String(brokers[0]?.brokerId) }
}

const done = (resource: { readonly resourceType: number; readonly resourceName: string }) => ({
  throttleTimeMs: 0,
  responses: [{ ...resource, errorCode: ErrorCode.NONE }],
})

const effectRules = effects.map(([id, says, config, before, [operation, value], after]) =>
  rule({
    id: `incremental-alter-configs.${id}`,
    says: `${says}.`,
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const configs: Record<string, string> = before === '' ? {} : { [config]: before }
      const resource = topicResource((await createTopic(t, { configs })).name)
      const changes = [change(config, operation, value)]
      t.expect(await alter(t, [{ ...resource, configs: changes }]), done(resource))
      await untilConfig(t, resource, config, after)
    },
  }),
)

const refusalRules = refusals.map(([id, what, errorCode, configs]) =>
  rule({
    id: `incremental-alter-configs.${id}`,
    says: `${what} is refused with a message, and nothing changes.`,
    source: DOCUMENT,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'errors',
    run: async (t) => {
      const own = { 'retention.ms': '1000' }
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      t.expect(await alter(t, [{ ...resource, configs: [...configs] }]), {
        responses: [{ ...resource, errorCode, errorMessage: nonEmpty }],
      })
      t.equal(await readConfig(t, resource, 'retention.ms'), '1000', 'retention.ms')
    },
  }),
)

const resourceRules = resources.map(([id, what, errorCode, resourceType, name, [config, value]]) =>
  rule({
    id: `incremental-alter-configs.${id}`,
    says: `${what} is refused.`,
    source: DOCUMENT,
    apis: [IncrementalAlterConfigs],
    topic: 'errors',
    releases: { from: '4.0' },
    run: async (t) => {
      const resource = { resourceType, resourceName: name(t) }
      t.expect(await alter(t, [{ ...resource, configs: [change(config, SET, value)] }]), {
        responses: [{ ...resource, errorCode }],
      })
    },
  }),
)

/** Rules of IncrementalAlterConfigs. */
export const rules: readonly Rule[] = [
  ...effectRules,
  ...refusalRules,
  ...resourceRules,
  rule({
    id: 'incremental-alter-configs.delete',
    says: 'DELETE takes the topic’s own value back: the broker’s holds again.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const name = 'segment.index.bytes'
      const plain = await readConfig(t, topicResource((await createTopic(t)).name), name)
      const resource = topicResource((await createTopic(t, { configs: { [name]: '4096' } })).name)
      const configs = [change(name, DELETE, null)]
      t.expect(await alter(t, [{ ...resource, configs }]), done(resource))
      await untilConfig(t, resource, name, plain ?? undefined)
    },
  }),
  rule({
    id: 'incremental-alter-configs.delete-what-is-not-set',
    says: 'DELETE of what is not set changes nothing, without error.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics],
    topic: 'configs',
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const configs = [change('retention.ms', DELETE, null)]
      t.expect(await alter(t, [{ ...resource, configs }]), done(resource))
    },
  }),
  rule({
    id: 'incremental-alter-configs.keeps-others',
    says: 'Configs that a request does not name keep their values.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const own = { 'retention.ms': '1000', 'segment.ms': '2000' }
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      const configs = [change('retention.ms', SET, '3000')]
      t.expect(await alter(t, [{ ...resource, configs }]), done(resource))
      await untilConfig(t, resource, 'retention.ms', '3000')
      t.equal(await readConfig(t, resource, 'segment.ms'), '2000', 'segment.ms')
    },
  }),
  rule({
    id: 'incremental-alter-configs.all-or-nothing',
    says: 'Where one change of a resource is refused, none of its changes is made.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const own = { 'retention.ms': '1000' }
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      const configs = [change('retention.ms', SET, '3000'), change('segment.ms', SET, 'x')]
      t.expect(await alter(t, [{ ...resource, configs }]), {
        responses: [{ ...resource, errorCode: ErrorCode.INVALID_CONFIG, errorMessage: nonEmpty }],
      })
      t.equal(await readConfig(t, resource, 'retention.ms'), '1000', 'retention.ms')
    },
  }),
  rule({
    id: 'incremental-alter-configs.validate-only',
    says: 'With validateOnly the answer is that of a change, and nothing changes.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const own = { 'retention.ms': '1000' }
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      const configs = [change('retention.ms', SET, '3000')]
      t.expect(await alter(t, [{ ...resource, configs }], true), done(resource))
      t.equal(await readConfig(t, resource, 'retention.ms'), '1000', 'retention.ms')
    },
  }),
  rule({
    id: 'incremental-alter-configs.resource-twice',
    says: 'A resource named twice in a request is refused with INVALID_REQUEST, each time.',
    source: DOCUMENT,
    apis: [IncrementalAlterConfigs, CreateTopics],
    topic: 'boundaries',
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const errorCode = ErrorCode.INVALID_REQUEST
      const refused = { ...resource, errorCode, errorMessage: nonEmpty }
      const one = { ...resource, configs: [change('retention.ms', SET, '1000')] }
      t.expect(await alter(t, [one, one]), {
        responses: [0, 1].map(() => refused),
      })
    },
  }),
  rule({
    id: 'incremental-alter-configs.good-and-bad-together',
    says: 'A resource that is refused spoils nothing for the others in the request.',
    source: KIP_339,
    apis: [IncrementalAlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'errors',
    run: async (t) => {
      const good = topicResource((await createTopic(t)).name)
      const bad = topicResource(t.name('topic'))
      const configs = [change('retention.ms', SET, '3000')]
      t.expect(
        await alter(t, [
          { ...bad, configs },
          { ...good, configs },
        ]),
        {
          responses: inAnyOrder(
            { ...bad, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
            { ...good, errorCode: ErrorCode.NONE },
          ),
        },
      )
      await untilConfig(t, good, 'retention.ms', '3000')
    },
  }),
  ...kept.map(([id, resourceType, config, value, source]) =>
    rule({
      id: `incremental-alter-configs.${id}`,
      says: `The config ${config} of a ${id.replace('-', ' ')} resource can be set and taken back.`,
      source,
      apis: [IncrementalAlterConfigs, DescribeConfigs],
      topic: 'configs',
      releases: { from: '4.0' },
      run: async (t) => {
        const resource = { resourceType, resourceName: t.name(id) }
        const set = { ...resource, configs: [change(config, SET, value)] }
        t.expect(await alter(t, [set]), done(resource))
        await untilConfig(t, resource, config, value)
        const unset = { ...resource, configs: [change(config, DELETE, null)] }
        t.expect(await alter(t, [unset]), done(resource))
        await t.until(
          'the old value',
          async () => (await readConfig(t, resource, config)) !== value,
        )
      },
    }),
  ),
  ...readOnly.map((config) =>
    rule({
      id: `incremental-alter-configs.read-only-${config.replaceAll('.', '-')}`,
      says: `The config ${config} of a running broker cannot be changed: INVALID_REQUEST.`,
      source: `${brokerConfigDocument(config)}; update mode read-only`,
      apis: [IncrementalAlterConfigs, DescribeCluster],
      topic: 'configs',
      run: async (t) => {
        const resource = await firstBroker(t)
        t.expect(await alter(t, [{ ...resource, configs: [change(config, SET, 'false')] }], true), {
          responses: [
            { ...resource, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty },
          ],
        })
      },
    }),
  ),
  rule({
    id: 'incremental-alter-configs.forbidden',
    says: 'Without the right to alter its configs, a topic is refused with TOPIC_AUTHORIZATION_FAILED.',
    source: DOCUMENT,
    apis: [IncrementalAlterConfigs, CreateTopics],
    topic: 'security',
    needs: ['sasl-plain', 'acls'],
    run: async (t) => {
      const resource = topicResource((await createTopic(t)).name)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const configs = [change('retention.ms', SET, '3000')]
      const request = { resources: [{ ...resource, configs }], validateOnly: false }
      t.expect(await alice.ask(IncrementalAlterConfigs, request), {
        responses: [{ ...resource, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }],
      })
    },
  }),
]
