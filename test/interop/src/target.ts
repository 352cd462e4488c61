import { type KafkaTarget, startApacheKafka } from '@ottla-test/apache-kafka'
import { startOttla } from './ottla-broker.js'

/**
 * The broker that a suite speaks to: ours, or the one that `OTTLA_TARGET` names. Run with
 * `OTTLA_TARGET=apache-kafka`, a suite shows that it asks nothing that Kafka itself does not do.
 */
export function startTarget(configs: Record<string, string> = {}): Promise<KafkaTarget> {
  const name = process.env.OTTLA_TARGET ?? 'ottla'
  switch (name) {
    case 'ottla':
      return startOttla(configs)
    case 'apache-kafka':
      return startApacheKafka({ configs })
    default:
      throw new Error(`OTTLA_TARGET is ottla or apache-kafka, not ${name}.`)
  }
}
