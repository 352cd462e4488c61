import {
  AlterConfigs,
  type AlterConfigsRequestInput,
  CreateTopics,
  DescribeConfigs,
  ErrorCode,
} from '@ottla/protocol'
import { inAnyOrder, nonEmpty } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, readConfig, topicResource, untilConfig } from '../steps/index.js'

const DOCUMENT = messageDocument('AlterConfigs')
const KIP_133 = 'KIP-133: Describe and Alter Configs Admin APIs'

type Resource = AlterConfigsRequestInput['resources'][number]

const alter = (t: RuleContext, resources: readonly Resource[], validateOnly = false) =>
  t.client.ask(AlterConfigs, { resources: [...resources], validateOnly })

const own = { 'retention.ms': '1000', 'segment.index.bytes': '4096' }

const refusals: readonly (readonly [
  id: string,
  what: string,
  error: number,
  config: string,
  value: string | null,
])[] = [
  ['unknown-config', 'A config that no topic has', ErrorCode.INVALID_CONFIG, 'no.such.config', '1'],
  [
    'invalid-value',
    'A value that the config cannot have',
    ErrorCode.INVALID_CONFIG,
    'retention.ms',
    'x',
  ],
  ['out-of-range', 'A value out of its range', ErrorCode.INVALID_CONFIG, 'retention.ms', '-2'],
  ['null-value', 'The value null', ErrorCode.INVALID_REQUEST, 'retention.ms', null],
]

/** Rules of AlterConfigs. */
export const rules: readonly Rule[] = [
  rule({
    id: 'alter-configs.replaces-all',
    says: 'What a request names is set, and what it does not name is taken back.',
    source: KIP_133,
    apis: [AlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const name = 'segment.index.bytes'
      const plain = await readConfig(t, topicResource((await createTopic(t)).name), name)
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      const configs = [{ name: 'retention.ms', value: '3000' }]
      t.expect(await alter(t, [{ ...resource, configs }]), {
        throttleTimeMs: 0,
        responses: [{ ...resource, errorCode: ErrorCode.NONE }],
      })
      await untilConfig(t, resource, 'retention.ms', '3000')
      await untilConfig(t, resource, name, plain ?? undefined)
    },
  }),
  rule({
    id: 'alter-configs.nothing-named',
    says: 'A request that names no config takes all back.',
    source: KIP_133,
    apis: [AlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const name = 'segment.index.bytes'
      const plain = await readConfig(t, topicResource((await createTopic(t)).name), name)
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      t.expect(await alter(t, [{ ...resource, configs: [] }]), {
        responses: [{ ...resource, errorCode: ErrorCode.NONE }],
      })
      await untilConfig(t, resource, name, plain ?? undefined)
    },
  }),
  ...refusals.map(([id, what, errorCode, name, value]) =>
    rule({
      id: `alter-configs.${id}`,
      says: `${what} is refused with a message, and nothing changes.`,
      source: DOCUMENT,
      apis: [AlterConfigs, CreateTopics, DescribeConfigs],
      topic: 'errors',
      run: async (t) => {
        const resource = topicResource((await createTopic(t, { configs: own })).name)
        t.expect(await alter(t, [{ ...resource, configs: [{ name, value }] }]), {
          responses: [{ ...resource, errorCode, errorMessage: nonEmpty }],
        })
        t.equal(await readConfig(t, resource, 'retention.ms'), '1000', 'retention.ms')
      },
    }),
  ),
  rule({
    id: 'alter-configs.unknown-topic',
    says: 'A topic that does not exist is refused with UNKNOWN_TOPIC_OR_PARTITION; others are changed.',
    source: DOCUMENT,
    apis: [AlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'errors',
    run: async (t) => {
      const good = topicResource((await createTopic(t)).name)
      const bad = topicResource(t.name('topic'))
      const configs = [{ name: 'retention.ms', value: '3000' }]
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
  rule({
    id: 'alter-configs.unknown-resource-type',
    says: 'A kind of resource that does not exist is refused with INVALID_REQUEST.',
    source: DOCUMENT,
    apis: [AlterConfigs],
    topic: 'errors',
    run: async (t) => {
      const resource = { resourceType: 99, resourceName: 'x' }
      t.expect(await alter(t, [{ ...resource, configs: [] }]), {
        responses: [{ ...resource, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty }],
      })
    },
  }),
  rule({
    id: 'alter-configs.validate-only',
    says: 'With validateOnly the answer is that of a change, and nothing changes.',
    source: KIP_133,
    apis: [AlterConfigs, CreateTopics, DescribeConfigs],
    topic: 'configs',
    run: async (t) => {
      const resource = topicResource((await createTopic(t, { configs: own })).name)
      const configs = [{ name: 'retention.ms', value: '3000' }]
      t.expect(await alter(t, [{ ...resource, configs }], true), {
        responses: [{ ...resource, errorCode: ErrorCode.NONE }],
      })
      t.equal(await readConfig(t, resource, 'retention.ms'), '1000', 'retention.ms')
    },
  }),
]
