import { LAST_3_RELEASE } from './jar-sets.js'
import { SECURITY_LISTENERS, SECURITY_SETTINGS } from './security.js'

/** What a test may ask of a target beside the protocol itself; a suite counts cases whose needs are not met as skipped. */
export type TargetAbility =
  | 'auto-create-topics'
  | 'restart'
  | 'tls'
  | 'client-certificates'
  | 'sasl-plain'
  | 'sasl-scram'
  | 'sasl-oauthbearer'
  | 're-authentication'
  | 'acls'
  | 'delegation-tokens'
  | 'quotas'
  | 'short-retention'
  | 'short-compaction'
  | 'short-transaction-timeouts'
  | 'three-nodes'
  | 'nodes-can-be-stopped'
  | 'rack-aware-replica-selector'
  | 'transaction-version-1'
  | 'transaction-version-2'
  | 'share-groups'
  | 'short-record-locks'
  | 'telemetry'
  | 'policies'
  | 'no-topic-deletion'
  | 'small-groups'
  | 'no-authorizer'
  | 'no-delegation-tokens'
  | 'streams-groups'
  | 'fixed-voters'
  | 'message-format-downgrade'

/** What a profile adds to a cluster. */
interface Profile {
  readonly provides: readonly TargetAbility[]
  /** Settings that every broker understands that reads Kafka's. */
  readonly configs?: Readonly<Record<string, string>>
  /** Settings of what only Apache Kafka has here. */
  readonly kafkaConfigs?: Readonly<Record<string, string>>
  /** Levels of features, set when the cluster is formatted. */
  readonly features?: Readonly<Record<string, number>>
  /** Abilities that only Apache Kafka has here. */
  readonly kafkaProvides?: readonly TargetAbility[]
  readonly isSecured?: true
  /** Classes of `java/` that only Apache Kafka can load. */
  readonly plugins?: readonly string[]
  readonly nodes?: number
}

const { 'delegation.token.secret.key': _, ...WITHOUT_TOKENS } = SECURITY_SETTINGS

const PROFILES = {
  /** TLS and SASL listeners beside the plain one, users, ACLs. Whoever comes in by the plain listener may do everything. */
  security: {
    provides: [
      'tls',
      'client-certificates',
      'sasl-plain',
      'sasl-scram',
      'sasl-oauthbearer',
      're-authentication',
    ],
    kafkaProvides: ['acls', 'delegation-tokens'],
    kafkaConfigs: SECURITY_SETTINGS,
    isSecured: true,
  },
  /** Old segments go, and compaction runs, within a second of the time that a topic asks for. */
  'short-retention': {
    provides: ['short-retention', 'short-compaction'],
    configs: {
      'log.retention.check.interval.ms': '200',
      'log.segment.delete.delay.ms': '100',
      'log.initial.task.delay.ms': '100',
    },
    kafkaConfigs: { 'log.cleaner.backoff.ms': '100' },
  },
  /** A transaction that takes too long is aborted within a fraction of a second. */
  'short-transaction-timeouts': {
    provides: [],
    kafkaProvides: ['short-transaction-timeouts'],
    kafkaConfigs: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200' },
  },
  /** A group may ask for records to be locked for a second only. */
  'short-record-locks': {
    provides: [],
    kafkaProvides: ['short-record-locks'],
    kafkaConfigs: { 'group.share.min.record.lock.duration.ms': '1000' },
  },
  /** Quotas are measured over two seconds instead of eleven, so that a client is throttled soon and not for long. */
  quotas: {
    provides: ['quotas'],
    configs: { 'quota.window.num': '2', 'quota.window.size.seconds': '1' },
    kafkaConfigs: {
      'controller.quota.window.num': '2',
      'controller.quota.window.size.seconds': '1',
    },
  },
  /** Clients may be asked for their metrics (KIP-714), which a plugin takes. */
  telemetry: {
    provides: [],
    kafkaProvides: ['telemetry'],
    kafkaConfigs: { 'metric.reporters': 'AcceptTelemetry' },
    plugins: ['AcceptTelemetry'],
  },
  /** One value of a config is against the policies for new topics and for configs. */
  policies: {
    provides: [],
    kafkaProvides: ['policies'],
    kafkaConfigs: {
      'create.topic.policy.class.name': 'RefuseRetention$OfNewTopics',
      'alter.config.policy.class.name': 'RefuseRetention$OfConfigs',
    },
    plugins: ['RefuseRetention'],
  },
  /** No group has more than ten members, no broker more than a hundred share sessions. */
  'small-groups': {
    provides: [],
    kafkaProvides: ['small-groups'],
    kafkaConfigs: {
      'group.max.size': '10',
      'group.consumer.max.size': '10',
      'group.share.max.size': '10',
      'group.share.max.share.sessions': '100',
      'group.streams.max.size': '10',
    },
  },
  /** The listeners and users of `security`, without a secret for delegation tokens. */
  'no-delegation-tokens': {
    provides: ['tls', 'sasl-plain', 'sasl-scram'],
    kafkaProvides: ['no-delegation-tokens'],
    kafkaConfigs: WITHOUT_TOKENS,
    isSecured: true,
  },
  /** Topics that are there stay. */
  'no-topic-deletion': {
    provides: [],
    kafkaProvides: ['no-topic-deletion'],
    kafkaConfigs: { 'delete.topic.enable': 'false' },
  },
  /** Transactions as before KIP-890: the same epoch for many, partitions added by the client. */
  'transaction-version-1': { provides: [], features: { 'transaction.version': 1 } },
  /** Three brokers, each a controller and in a rack of its own, where one that falls behind or dies soon leaves the ISR. */
  'three-nodes': {
    provides: [],
    kafkaProvides: ['rack-aware-replica-selector'],
    kafkaConfigs: {
      'replica.lag.time.max.ms': '2000',
      'request.timeout.ms': '10000',
      'broker.rack': 'rack-{nodeId}',
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    },
    nodes: 3,
  },
} as const satisfies Record<string, Profile>

/** A kind of cluster that some tests need. Several of them go together. */
export type TargetProfile = keyof typeof PROFILES

/** The names of all profiles. */
export const targetProfiles: readonly TargetProfile[] = Object.keys(PROFILES) as TargetProfile[]

/** What profiles come to, taken together. */
export interface MergedProfile extends Required<Omit<Profile, 'isSecured' | 'kafkaConfigs'>> {
  /** Settings for Apache Kafka, those for every broker among them. */
  readonly kafkaConfigs: Readonly<Record<string, string>>
  readonly listeners: typeof SECURITY_LISTENERS | readonly []
}

/** @throws Error for a name that no profile has */
export function mergeProfiles(
  asked: TargetProfile | readonly TargetProfile[] | undefined,
): MergedProfile {
  const names = asked === undefined ? [] : typeof asked === 'string' ? [asked] : asked
  const profiles: Profile[] = names.map((name) => {
    if (Object.hasOwn(PROFILES, name)) return PROFILES[name]
    throw new Error(`A profile is one of ${targetProfiles.join(', ')}, not ${name}.`)
  })
  const configs = Object.assign({}, ...profiles.map((each) => each.configs))
  return {
    provides: profiles.flatMap((each) => each.provides),
    kafkaProvides: profiles.flatMap((each) => each.kafkaProvides ?? []),
    configs,
    kafkaConfigs: Object.assign({}, configs, ...profiles.map((each) => each.kafkaConfigs)),
    features: Object.assign({}, ...profiles.map((each) => each.features)),
    plugins: profiles.flatMap((each) => each.plugins ?? []),
    nodes: Math.max(1, ...profiles.map((each) => each.nodes ?? 1)),
    listeners: profiles.some((each) => each.isSecured) ? SECURITY_LISTENERS : [],
  }
}

/** What a number of nodes of a release of Apache Kafka provide with these profiles. */
export function kafkaAbilities(
  version: string,
  nodes: number,
  { provides, kafkaProvides, features, listeners }: MergedProfile,
): readonly TargetAbility[] {
  // 3.9 knows the old protocol only.
  const isOld = isRelease3(version) || features['transaction.version'] === 1
  const transactions = isOld ? 'transaction-version-1' : 'transaction-version-2'
  const many = nodes < 3 ? [] : (['three-nodes', 'nodes-can-be-stopped'] as const)
  const own = releaseAbilities(version)
  const open = listeners.length > 0 ? [] : (['no-authorizer'] as const)
  const always = ['auto-create-topics', 'restart', 'fixed-voters', transactions] as const
  return [...always, ...own, ...open, ...many, ...provides, ...kafkaProvides]
}

/** What a release has, or still has, without being asked. */
function releaseAbilities(version: string): readonly TargetAbility[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 4) return ['message-format-downgrade']
  return major > 4 || minor >= 2 ? ['share-groups', 'streams-groups'] : []
}

/** Whether a release is older than 4.0, where features have other levels. */
export function isRelease3(version: string): boolean {
  return version.startsWith(`${LAST_3_RELEASE.split('.')[0]}.`)
}
