import { ErrorCode } from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import { brokerConfigs } from './broker-configs.js'
import { parseConfig } from './definition.js'
import { fixedConfigs } from './fixed-configs.js'
import { topicConfigTable } from './topic-configs.js'

/** Units of topic defaults that Kafka does not change at run time: their `.ms` forms it does. */
const fixedUnits: ReadonlySet<string> = new Set([
  'log.flush.scheduler.interval.ms',
  'log.retention.hours',
  'log.retention.minutes',
  'log.roll.hours',
  'log.roll.jitter.hours',
])

/** The broker configs with an effect here that Kafka 4.4 changes at run time (KIP-226), as its DescribeConfigs says. */
export const dynamicBrokerConfigs: ReadonlySet<string> = new Set([
  ...topicConfigTable
    .flatMap(({ synonyms = [] }) => synonyms.map(({ name }) => name))
    .filter((name) => !fixedUnits.has(name)),
  ...['consumer', 'share', 'streams'].flatMap((kind) => [
    `group.${kind}.assignment.interval.ms`,
    `group.${kind}.assignor.offload.enable`,
  ]),
  'max.connections',
  'max.connections.per.ip',
])

/**
 * Checks configs to be set at run time on one broker or on all of them. Names that Kafka does not know pass, as they
 * do there, which hands them to plugins.
 * @throws BrokerError INVALID_REQUEST with Kafka's words.
 */
export const checkDynamicConfigs = (configs: ReadonlyMap<string, string>): void => {
  const fixed = [...configs.keys()].filter(
    (name) =>
      fixedConfigs.has(name) || (brokerConfigs.has(name) && !dynamicBrokerConfigs.has(name)),
  )
  if (fixed.length > 0) {
    const text = `Cannot update these configs dynamically: [${fixed.join(', ')}]`
    throw refusal(ErrorCode.INVALID_REQUEST, text)
  }
  for (const [name, value] of configs) {
    const definition = brokerConfigs.get(name)
    if (definition === undefined) continue
    try {
      parseConfig(definition, value)
    } catch (error) {
      throw refusal(ErrorCode.INVALID_REQUEST, toApiError(error).errorMessage ?? undefined)
    }
  }
}
