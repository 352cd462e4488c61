import { DescribeConfigs, ListConfigResources } from '@ottla/protocol'
import type { Exchange } from './dialogue.js'
import {
  APPEND,
  BROKER,
  change,
  configsOf,
  create,
  DELETE,
  replace,
  SET,
  SUBTRACT,
  TOPIC,
} from './dialogue-requests.js'

const name = 'configured'
const other = 'configured-too'

const throttled = 'follower.replication.throttled.replicas'

/** A list of replicas; 4,000 of them are about 27,000 characters. */
const replicas = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `${from + index}:1`).join(',')

const incremental: readonly Exchange[] = [
  create('a topic for configs', [{ name }, { name: other }]),
  change('set and append', [
    [TOPIC, name, ['retention.ms', SET, '7000'], ['cleanup.policy', APPEND, 'compact']],
  ]),
  configsOf('after set', TOPIC, name, 'retention.ms', 'cleanup.policy', 'segment.bytes', 'nope'),
  change('subtract', [[TOPIC, name, ['cleanup.policy', SUBTRACT, 'delete']]]),
  configsOf('after subtract', TOPIC, name, 'cleanup.policy'),
  change('delete', [
    [TOPIC, name, ['cleanup.policy', DELETE, null], ['retention.ms', DELETE, null]],
  ]),
  configsOf('after delete', TOPIC, name, 'cleanup.policy', 'retention.ms'),
  change('of no topic', [[TOPIC, 'nosuch', ['retention.ms', SET, '7000']]]),
  change('of no name', [[TOPIC, 'a b', ['retention.ms', SET, '7000']]]),
  change('of the empty name', [[TOPIC, '', ['retention.ms', SET, '7000']]]),
  change('of the metadata', [[TOPIC, '__cluster_metadata', ['retention.ms', SET, '1']]]),
  change('unknown config', [[TOPIC, name, ['nope', SET, '7000']]]),
  change('no number', [[TOPIC, name, ['retention.ms', SET, 'x']]]),
  change('null', [[TOPIC, name, ['retention.ms', SET, null]]]),
  change('append null', [[TOPIC, name, ['cleanup.policy', APPEND, null]]]),
  change('append to no list', [[TOPIC, name, ['retention.ms', APPEND, '1']]]),
  change('subtract from no list', [[TOPIC, name, ['retention.ms', SUBTRACT, '1']]]),
  change('append to nothing known', [[TOPIC, name, ['nope', APPEND, '1']]]),
  change('delete nothing known', [[TOPIC, name, ['nope', DELETE, null]]]),
  change('unknown operation', [[TOPIC, name, ['retention.ms', 9, '1']]]),
  change('key twice', [[TOPIC, name, ['retention.ms', SET, '1'], ['retention.ms', SET, '2']]]),
  change('resource twice', [
    [TOPIC, name, ['retention.ms', SET, '1']],
    [TOPIC, name, ['retention.ms', SET, '2']],
    [TOPIC, other, ['retention.ms', SET, '3']],
  ]),
  change('unknown resource', [[9, name, ['retention.ms', SET, '1']]]),
  change('only asked', [[TOPIC, name, ['retention.ms', SET, '1']]], true),
  change('only asked, badly', [[TOPIC, name, ['retention.ms', SET, 'w']]], true),
  change('nothing', [[TOPIC, name]]),
  change('values with spaces', [
    [TOPIC, name, ['cleanup.policy', SET, ' compact , delete '], ['retention.ms', SET, ' 8000 ']],
  ]),
  configsOf('after values with spaces', TOPIC, name, 'cleanup.policy', 'retention.ms'),
  change('the same twice', [[TOPIC, name, ['cleanup.policy', SET, 'delete,delete']]]),
  configsOf('after the same twice', TOPIC, name, 'cleanup.policy'),
  change('long', [[TOPIC, name, [throttled, SET, replicas(0, 4000)]]]),
  change('too long', [[TOPIC, name, [throttled, APPEND, replicas(4000, 5000)]]]),
  change('long no more', [[TOPIC, name, [throttled, DELETE, null]]]),
  change('neither', [
    [TOPIC, name, ['cleanup.policy', DELETE, null], ['retention.ms', DELETE, null]],
  ]),
  configsOf('after all that', TOPIC, name, 'cleanup.policy', 'retention.ms'),
  configsOf('after all that, the other', TOPIC, other, 'retention.ms'),
]

const whole: readonly Exchange[] = [
  replace('replace', [[TOPIC, name, ['retention.ms', '1234'], ['max.message.bytes', '2000']]]),
  configsOf('after replace', TOPIC, name, 'retention.ms', 'max.message.bytes'),
  replace('replace again', [[TOPIC, name, ['segment.ms', '1234']]]),
  configsOf('after replace again', TOPIC, name, 'segment.ms', 'retention.ms', 'max.message.bytes'),
  replace('replace with null', [[TOPIC, name, ['segment.ms', null]]]),
  replace('replace badly', [
    [TOPIC, name, ['nope', '1']],
    [TOPIC, 'nosuch', ['segment.ms', '1']],
    [9, 'x', ['a', 'b']],
    [TOPIC, '', ['segment.ms', '1']],
  ]),
  replace('replace twice', [[TOPIC, name, ['segment.ms', '1'], ['segment.ms', '2']]]),
  replace('replace with nothing', [[TOPIC, name]]),
  configsOf('after nothing', TOPIC, name, 'segment.ms', 'retention.ms'),
]

const dynamic: readonly Exchange[] = [
  ...['node.id', 'num.partitions', 'auto.create.topics.enable', 'log.retention.hours'].map(
    (config) => change(`read-only ${config}`, [[BROKER, '1', [config, SET, '2']]]),
  ),
  change('read-only for all', [[BROKER, '', ['num.partitions', SET, '2']]]),
  change('no number for a broker', [[BROKER, '1', ['log.retention.ms', SET, 'x']]]),
  change('of no broker', [[BROKER, 'x', ['log.retention.ms', SET, '1']]]),
  change('of another broker', [[BROKER, '77', ['log.retention.ms', SET, '1']]]),
  change('unknown to the broker', [[BROKER, '1', ['no.such.config', SET, '2']]]),
  configsOf('after unknown', BROKER, '1', 'no.such.config'),
  change('unknown no more', [[BROKER, '1', ['no.such.config', DELETE, null]]]),
  change('one broker', [[BROKER, '1', ['log.retention.ms', SET, '100000']]]),
  change('all brokers', [
    [BROKER, '', ['log.retention.ms', SET, '200000'], ['message.max.bytes', SET, '2000000']],
  ]),
  configsOf(
    'the broker then',
    BROKER,
    '1',
    'log.retention.ms',
    'message.max.bytes',
    'num.partitions',
    'log.retention.hours',
    'max.connections',
  ),
  configsOf('all brokers then', BROKER, '', 'log.retention.ms', 'message.max.bytes'),
  configsOf('a topic then', TOPIC, name, 'retention.ms', 'max.message.bytes'),
  change('one broker no more', [[BROKER, '1', ['log.retention.ms', DELETE, null]]]),
  configsOf('a topic by all brokers', TOPIC, name, 'retention.ms'),
  change('all brokers no more', [
    [BROKER, '', ['log.retention.ms', DELETE, null], ['message.max.bytes', DELETE, null]],
  ]),
  configsOf('the broker at last', BROKER, '1', 'log.retention.ms', 'message.max.bytes'),
  change('append for all', [[BROKER, '', ['log.cleanup.policy', APPEND, 'compact']]]),
  configsOf('a policy for all', TOPIC, name, 'cleanup.policy'),
  change('no policy for all', [[BROKER, '', ['log.cleanup.policy', DELETE, null]]]),
  configsOf('no policy', TOPIC, name, 'cleanup.policy'),
]

const unknown: readonly Exchange[] = [
  configsOf('configs of broker abc', BROKER, 'abc'),
  configsOf('configs of broker 99', BROKER, '99'),
  configsOf('configs of no topic', TOPIC, 'nosuch'),
  configsOf('configs of no name', TOPIC, 'a b'),
  configsOf('configs of the empty name', TOPIC, ''),
  { ...configsOf('configs of what', 9, 'x'), ignored: ['errorMessage'] },
  {
    title: 'no config named',
    api: DescribeConfigs,
    version: 4,
    // Kafka sets min.insync.replicas for all brokers itself, for eligible leader replicas (KIP-966).
    ignored: ['configSource'],
    body: {
      resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: [] }],
      includeSynonyms: false,
      includeDocumentation: false,
    },
  },
  {
    title: 'resources with configs',
    api: ListConfigResources,
    version: 1,
    body: { resourceTypes: [TOPIC, BROKER] },
  },
  {
    title: 'resources of no kind',
    api: ListConfigResources,
    version: 1,
    body: { resourceTypes: [9] },
  },
]

/** Configs of topics and brokers: set, changed, refused, and where each value comes from. */
export const configDialogue: readonly Exchange[] = [
  ...incremental,
  ...whole,
  ...dynamic,
  ...unknown,
]
