/** What a rule may need of a target beyond serving the APIs it uses, and what having it means. */
export const needs = {
  'auto-create-topics': 'auto.create.topics.enable is true, as it is by default',
  'three-nodes': 'the cluster has three brokers',
  'nodes-can-be-stopped':
    'the run may kill, start, pause and resume each of three nodes (`controls.nodes`)',
  'rack-aware-replica-selector':
    'each broker has a rack of its own, and replica.selector.class is the rack-aware one',
  'sasl-plain': 'a listener with SASL PLAIN (`listeners.sasl`, with its users)',
  'sasl-scram': 'a listener with SASL SCRAM-SHA-256 and SCRAM-SHA-512',
  're-authentication':
    'connections.max.reauth.ms is 10 s or less on a listener (`listeners.renewal`)',
  acls: 'an authorizer denies by default; users `admin` (super user) and `alice` (no rights)',
  quotas: 'client quotas are enforced',
  'transaction-version-1': 'the feature transaction.version is at level 1 or lower',
  'transaction-version-2': 'the feature transaction.version is at level 2 or higher',
  'short-retention': 'log.retention.check.interval.ms is 1 s or less, file.delete.delay.ms too',
  'short-compaction': 'log.cleaner.backoff.ms is 1 s or less',
  'short-transaction-timeouts':
    'transaction.abort.timed.out.transaction.cleanup.interval.ms is 1 s or less',
  'delegation-tokens': 'a secret for delegation tokens is configured',
  'share-groups': 'share groups are enabled (share.version 1)',
  'short-record-locks': 'group.share.min.record.lock.duration.ms is 1 s or less',
  'streams-groups': 'streams groups are enabled (streams.version 1)',
  'no-authorizer': 'there is no authorizer',
  'no-delegation-tokens': 'no secret for delegation tokens is configured',
  'no-topic-deletion': 'delete.topic.enable is false',
  policies: 'policies for new topics and for configs refuse a retention.ms of 987654321',
  'small-groups':
    'no group of any kind may have more than ten members, and a broker a hundred share sessions',
  'fixed-voters': 'the voters of the controllers cannot change: kraft.version 0',
  telemetry: 'a plugin for client telemetry is configured',
} as const satisfies Record<string, string>

/** The name of a need. */
export type Need = keyof typeof needs
