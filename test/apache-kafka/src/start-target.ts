import { startApacheKafka } from './apache-kafka.js'
import { CURRENT_RELEASE, LAST_3_RELEASE } from './jar-sets.js'
import { startKfake } from './kfake.js'
import { startOttlaBroker } from './ottla-broker.js'
import type { KafkaTarget } from './target.js'

const STARTERS = {
  ottla: (configs: Record<string, string>) => startOttlaBroker({ configs }),
  'apache-kafka': (configs: Record<string, string>) => startApacheKafka({ configs }),
  [`apache-kafka-${CURRENT_RELEASE}`]: (configs: Record<string, string>) =>
    startApacheKafka({ configs }),
  [`apache-kafka-${LAST_3_RELEASE}`]: (configs: Record<string, string>) =>
    startApacheKafka({ configs, version: LAST_3_RELEASE }),
  // It has no configs: what a suite asks of them, it has by itself or lacks.
  kfake: () => startKfake(),
}

/** The names of the brokers that a suite can be pointed at. */
export const targetNames: readonly string[] = Object.keys(STARTERS)

/**
 * Starts the broker that a suite speaks to: the one of this name, which by default is what `OTTLA_TARGET` says, and ours
 * without it. Run with `OTTLA_TARGET=apache-kafka`, a suite shows that it asks nothing that Kafka itself does not do.
 *
 * @throws Error for an unknown name, or when the broker does not start
 */
export function startTarget(
  configs: Record<string, string> = {},
  name: string = process.env.OTTLA_TARGET ?? 'ottla',
): Promise<KafkaTarget> {
  const start = (
    STARTERS as Record<string, (configs: Record<string, string>) => Promise<KafkaTarget>>
  )[name]
  if (start === undefined) {
    throw new Error(`The target is one of ${targetNames.join(', ')}, not ${name}.`)
  }
  return start(configs)
}
