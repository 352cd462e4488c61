import { startApacheKafka } from './apache-kafka.js'
import { CURRENT_RELEASE, LAST_3_RELEASE } from './jar-sets.js'
import { startKfake } from './kfake.js'
import { startOttlaBroker } from './ottla-broker.js'
import type { TargetProfile } from './profiles.js'
import type { KafkaTarget } from './target.js'

/** What a suite asks of its target, whichever it is. */
export interface TargetOptions {
  /** What the target is for; several go together. What it makes of them is in its `provides`. */
  readonly profile?: TargetProfile | readonly TargetProfile[]
  /** Configs by Kafka's names, over those of the profile. */
  readonly configs?: Readonly<Record<string, string>>
  /** Where Apache Kafka keeps its data; default: where the system keeps temporary files. */
  readonly parentFolder?: string
}

type Starter = (options: TargetOptions) => Promise<KafkaTarget>

const STARTERS: Readonly<Record<string, Starter>> = {
  ottla: startOttlaBroker,
  'apache-kafka': startApacheKafka,
  [`apache-kafka-${CURRENT_RELEASE}`]: startApacheKafka,
  [`apache-kafka-${LAST_3_RELEASE}`]: (options) =>
    startApacheKafka({ ...options, version: LAST_3_RELEASE }),
  // It has no configs and no profiles: what a suite asks of them, it has by itself or lacks.
  kfake: () => startKfake(),
}

/** The names of the brokers that a suite can be pointed at. */
export const targetNames: readonly string[] = Object.keys(STARTERS)

/**
 * The broker that a suite is pointed at: what `OTTLA_TARGET` says, and ours without it. Run with
 * `OTTLA_TARGET=apache-kafka`, a suite shows that it asks nothing that Kafka itself does not do.
 */
export function chosenTarget(): string {
  return process.env.OTTLA_TARGET ?? 'ottla'
}

/**
 * Starts the broker of this name.
 *
 * @throws Error for an unknown name or profile, or when the broker does not start
 */
export async function startTarget(
  name: string = chosenTarget(),
  options: TargetOptions = {},
): Promise<KafkaTarget> {
  const start = STARTERS[name]
  if (start === undefined) {
    throw new Error(`The target is one of ${targetNames.join(', ')}, not ${name}.`)
  }
  return start(options)
}
