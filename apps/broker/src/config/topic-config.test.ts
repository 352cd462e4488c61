import { BrokerError, InvalidArgumentError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { BrokerConfig } from './broker-config.js'
import { brokerConfigTable } from './broker-configs.js'
import { configSources } from './config-choices.js'
import { parseConfig } from './definition.js'
import { checkTopicConfigs, effectiveTopicConfig, topicConfigChoices } from './topic-config.js'
import { topicConfigs } from './topic-configs.js'

/** What Kafka 4.4.0's own LogConfig says to each of these. */
const kafkaSays: readonly (readonly [string, string, string | undefined])[] = [
  [
    'retention.ms',
    '-5',
    'Invalid value -5 for configuration retention.ms: Value must be at least -1',
  ],
  [
    'retention.ms',
    'abc',
    'Invalid value abc for configuration retention.ms: Not a number of type LONG',
  ],
  [
    'cleanup.policy',
    'foo',
    'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete',
  ],
  ['cleanup.policy', '', undefined],
  ['cleanup.policy', 'compact,delete', undefined],
  ['no.such', '1', 'Unknown topic config name: no.such'],
  [
    'segment.bytes',
    '5',
    'Invalid value 5 for configuration segment.bytes: Value must be at least 1048576',
  ],
  [
    'segment.bytes',
    '99999999999',
    'Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT',
  ],
  [
    'preallocate',
    'maybe',
    'Invalid value maybe for configuration preallocate: Expected value to be either true or false',
  ],
  ['preallocate', 'TRUE', undefined],
  [
    'min.cleanable.dirty.ratio',
    '2',
    'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  ],
  [
    'min.cleanable.dirty.ratio',
    'x',
    'Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE',
  ],
  [
    'compression.type',
    'brotli',
    'Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
  ],
  [
    'compression.gzip.level',
    '0',
    'Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
  ],
  [
    'compression.zstd.level',
    '50',
    'Invalid value 50 for configuration compression.zstd.level: Value must be no more than 22',
  ],
  [
    'leader.replication.throttled.replicas',
    'foo',
    "Invalid value [foo] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
  ],
]

const messageOf = (name: string, value: string): string | undefined => {
  try {
    checkTopicConfigs(new Map([[name, value]]))
    return undefined
  } catch (error) {
    return error instanceof BrokerError ? error.text : String(error)
  }
}

describe('topic configs', () => {
  it.each(kafkaSays)('%s=%s gets Kafka’s verdict', (name, value, message) => {
    expect(messageOf(name, value)).toBe(message)
  })

  it('refuses values that contradict each other', () => {
    const overrides = new Map([
      ['min.compaction.lag.ms', '100'],
      ['max.compaction.lag.ms', '50'],
    ])
    expect(() => checkTopicConfigs(overrides)).toThrow(/conflict topic config setting/)
  })

  it('takes the strongest synonym and its unit', () => {
    const retention = topicConfigs.get('retention.ms')
    if (retention === undefined) throw new Error('no retention.ms')
    const plain = new BrokerConfig()
    expect(effectiveTopicConfig(retention, undefined, plain)).toBe('604800000')
    const minutes = new BrokerConfig({ 'log.retention.minutes': '2', 'log.retention.hours': '9' })
    expect(effectiveTopicConfig(retention, undefined, minutes)).toBe('120000')
    const own = new Map([['retention.ms', '7']])
    expect(effectiveTopicConfig(retention, own, minutes)).toBe('7')
    const topic = { name: 'retention.ms', value: '7', source: configSources.topic }
    expect(topicConfigChoices(retention, own, minutes)).toEqual([topic])
  })

  it('lists what is set at run time before what was set at start, as Kafka does', () => {
    const retention = topicConfigs.get('retention.ms')
    if (retention === undefined) throw new Error('no retention.ms')
    const config = new BrokerConfig({ 'log.retention.hours': '9' })
    const name = 'log.retention.ms'
    const cluster = new Map([[name, '200']])
    config.setDynamic({ cluster, own: new Map([[name, '100']]) })
    expect(effectiveTopicConfig(retention, undefined, config)).toBe('100')
    expect(topicConfigChoices(retention, undefined, config)).toEqual([
      { name, value: '100', source: configSources.dynamicBroker },
      { name, value: '200', source: configSources.dynamicDefault },
      { name: 'log.retention.hours', value: '9', source: configSources.staticBroker },
      { name: 'log.retention.hours', value: '168', source: configSources.default },
    ])
    config.setDynamic({ cluster })
    expect(effectiveTopicConfig(retention, undefined, config)).toBe('200')
    config.setDynamic({})
    expect(effectiveTopicConfig(retention, undefined, config)).toBe('32400000')
  })

  it('refuses a broker config it does not act on and names the nearest', () => {
    expect(() => new BrokerConfig({ 'num.partition': '3' })).toThrow(InvalidArgumentError)
    expect(() => new BrokerConfig({ 'num.partition': '3' })).toThrow(/num\.partitions/)
    expect(() => new BrokerConfig({ 'num.partitions': '0' })).toThrow(/at least 1/)
  })

  it('has defaults in its tables that pass their own checks', () => {
    for (const definition of [...topicConfigs.values(), ...brokerConfigTable]) {
      if (definition.default !== null) parseConfig(definition, definition.default)
    }
  })
})
