import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  ErrorCode,
  GetTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  PushTelemetry,
  type PushTelemetryRequestInput,
  ZERO_UUID,
} from '@ottla/protocol'
import { atLeast, inAnyOrder, noneOf } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { ConfigResourceType, changeConfigs } from '../steps/index.js'

const { NONE, INVALID_REQUEST, THROTTLING_QUOTA_EXCEEDED } = ErrorCode

const KIP_714 = 'KIP-714: Client metrics and observability'

/** What a client of nobody may wait, and a time below every other that rules ask for, so that theirs do not count. */
const LATER_MS = 4_000

/** Any bytes: what they mean is between the client and the plugin. */
const METRICS = Buffer.from('metrics')

const TELEMETRY = {
  source: KIP_714,
  topic: 'administration',
  needs: ['telemetry'],
} as const satisfies Partial<Rule>

/** A client that the cluster wants metrics of. */
interface Subscriber {
  readonly clientId: string
  /** The resource that says so. */
  readonly resource: { readonly resourceType: number; readonly resourceName: string }
  /** What the client was told first. */
  readonly told: GetTelemetrySubscriptionsResponse
}

/** Asks what the cluster wants to know, as a client of this id. */
const ask = (t: RuleContext, clientId: string, clientInstanceId: string = ZERO_UUID) =>
  t.client.ask(GetTelemetrySubscriptions, { clientInstanceId }, { clientId })

/** Asks for metrics of a client of its own, and waits until the broker does. */
async function subscribe(
  t: RuleContext,
  metrics: string = 'org.apache.kafka.producer.',
): Promise<Subscriber> {
  const clientId = t.name('client')
  const resource = {
    resourceType: ConfigResourceType.CLIENT_METRICS,
    resourceName: t.name('metrics'),
  }
  const none = { metrics: null, match: null, 'interval.ms': null }
  t.cleanUp(() => changeConfigs(t, resource, none))
  await changeConfigs(t, resource, {
    metrics,
    match: `client_id=${clientId}`,
    'interval.ms': String(LATER_MS),
  })
  const told = await untilAskedFor(t, clientId, metrics)
  return { clientId, resource, told }
}

/** An instance that the broker asks for these metrics; each try is another instance, as the same may not ask so soon. */
const untilAskedFor = (t: RuleContext, clientId: string, metrics: string) =>
  t.until('the broker to ask for metrics', async () => {
    const found = await ask(t, clientId)
    return found.requestedMetrics.join() === metrics && found
  })

/** A client of which the cluster wants other metrics than it was told, and the broker knows by now. */
async function changed(t: RuleContext) {
  const subscriber = await subscribe(t)
  const metrics = 'org.apache.kafka.consumer.'
  await changeConfigs(t, subscriber.resource, { metrics })
  await untilAskedFor(t, subscriber.clientId, metrics)
  return { subscriber, metrics }
}

/** Pushes metrics as the broker wants them, but for what a rule does otherwise. */
const push = (
  t: RuleContext,
  { clientId, told }: Subscriber,
  fields: Partial<PushTelemetryRequestInput> = {},
) => {
  const { clientInstanceId, subscriptionId } = told
  const usual = { clientInstanceId, subscriptionId, terminating: false, compressionType: 0 }
  return t.client.ask(PushTelemetry, { ...usual, metrics: METRICS, ...fields }, { clientId })
}

/** Rules of asking. */
const asking: readonly Rule[] = [
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.new-instance',
    says: 'A client without an id of its instance is given one; where no metrics are wanted the list is empty, and the interval and limits are told all the same.',
    apis: [GetTelemetrySubscriptions],
    run: async (t) => {
      const answer = await ask(t, t.name('client'))
      t.expect(answer, {
        throttleTimeMs: 0,
        errorCode: NONE,
        clientInstanceId: noneOf(ZERO_UUID),
        // gzip, snappy, lz4 and zstd
        acceptedCompressionTypes: inAnyOrder(1, 2, 3, 4),
        pushIntervalMs: atLeast(100),
        telemetryMaxBytes: atLeast(1),
        deltaTemporality: true,
        requestedMetrics: [],
      })
      const other = await ask(t, t.name('client'))
      t.expect(other, { clientInstanceId: noneOf(ZERO_UUID, answer.clientInstanceId) })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.known-instance',
    says: 'A client that names its instance keeps that id.',
    apis: [GetTelemetrySubscriptions],
    run: async (t) => {
      const clientInstanceId = randomUUID()
      const answer = await ask(t, t.name('client'), clientInstanceId)
      t.expect(answer, { errorCode: NONE, clientInstanceId })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.subscribed',
    says: 'A client that matches a client metrics resource is asked for its metrics at its interval; one that does not is not.',
    apis: [GetTelemetrySubscriptions],
    run: async (t) => {
      const { told } = await subscribe(t)
      t.expect(told, {
        errorCode: NONE,
        clientInstanceId: noneOf(ZERO_UUID),
        pushIntervalMs: LATER_MS,
        requestedMetrics: ['org.apache.kafka.producer.'],
      })
      t.expect(await ask(t, t.name('client')), { errorCode: NONE, requestedMetrics: [] })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.all-metrics',
    says: 'A resource that asks for all metrics, with *, is told as it is: the one entry *, in place of all prefixes.',
    source: `${KIP_714}, with the * of KAFKA-15778; the schema still speaks of an empty string`,
    apis: [GetTelemetrySubscriptions],
    run: async (t) => {
      const clientId = t.name('client')
      const resource = {
        resourceType: ConfigResourceType.CLIENT_METRICS,
        resourceName: t.name('metrics'),
      }
      t.cleanUp(() => changeConfigs(t, resource, { metrics: null, match: null }))
      await changeConfigs(t, resource, { metrics: '*', match: `client_id=${clientId}` })
      const told = await t.until('the broker to ask for metrics', async () => {
        const found = await ask(t, clientId)
        return found.requestedMetrics.length > 0 && found
      })
      t.expect(told, { errorCode: NONE, requestedMetrics: ['*'] })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.too-soon',
    says: 'An instance that asks again before its interval is over is refused with THROTTLING_QUOTA_EXCEEDED.',
    apis: [GetTelemetrySubscriptions],
    topic: 'errors',
    run: async (t) => {
      const clientId = t.name('client')
      const { clientInstanceId } = await ask(t, clientId)
      t.expect(await ask(t, clientId, clientInstanceId), { errorCode: THROTTLING_QUOTA_EXCEEDED })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'push-telemetry.changed-subscription',
    says: 'When what is wanted of a client changes, metrics under the subscription before are refused with UNKNOWN_SUBSCRIPTION_ID.',
    apis: [PushTelemetry, GetTelemetrySubscriptions],
    topic: 'errors',
    run: async (t) => {
      const { subscriber } = await changed(t)
      const errorCode = ErrorCode.UNKNOWN_SUBSCRIPTION_ID
      t.expect(await push(t, subscriber), { errorCode })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'get-telemetry-subscriptions.changed',
    says: 'An instance whose subscription turned out to be old may ask again at once, and is told the new one under another id.',
    apis: [GetTelemetrySubscriptions, PushTelemetry],
    // 3.9 forgives no error and throttles: https://github.com/apache/kafka/pull/19959 has the condition right.
    releases: { from: '4.0' },
    // What any rule asks for changes what the broker keeps of every instance.
    alone: true,
    run: async (t) => {
      const { subscriber, metrics } = await changed(t)
      const { clientId, told } = subscriber
      await push(t, subscriber)
      t.expect(await ask(t, clientId, told.clientInstanceId), {
        errorCode: NONE,
        clientInstanceId: told.clientInstanceId,
        subscriptionId: noneOf(told.subscriptionId),
        requestedMetrics: [metrics],
      })
    },
  }),
]

type Refusal = readonly [
  id: string,
  says: string,
  fields: Partial<PushTelemetryRequestInput>,
  errorCode: number,
]

const refusals: readonly Refusal[] = [
  [
    'without-instance',
    'Metrics of no instance are refused with INVALID_REQUEST.',
    { clientInstanceId: ZERO_UUID },
    INVALID_REQUEST,
  ],
  [
    'unknown-subscription',
    'Metrics under a subscription that the instance was never told are refused with UNKNOWN_SUBSCRIPTION_ID.',
    { subscriptionId: 12_345 },
    ErrorCode.UNKNOWN_SUBSCRIPTION_ID,
  ],
  [
    'unknown-compression',
    'Metrics compressed with what no codec is are refused with UNSUPPORTED_COMPRESSION_TYPE.',
    { compressionType: 100 },
    ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  ],
  [
    'damaged',
    'Metrics that are not compressed as they say are refused with INVALID_RECORD.',
    { compressionType: 1 },
    ErrorCode.INVALID_RECORD,
  ],
]

/** Rules of pushing. */
const pushing: readonly Rule[] = [
  rule({
    ...TELEMETRY,
    id: 'push-telemetry.as-asked',
    says: 'Metrics under the subscription that the instance was told are taken, once in an interval: more are refused with THROTTLING_QUOTA_EXCEEDED.',
    apis: [PushTelemetry, GetTelemetrySubscriptions],
    run: async (t) => {
      const subscriber = await subscribe(t)
      t.expect(await push(t, subscriber), { throttleTimeMs: 0, errorCode: NONE })
      t.expect(await push(t, subscriber), { errorCode: THROTTLING_QUOTA_EXCEEDED })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'push-telemetry.compressed',
    says: 'Metrics may be compressed with a codec that the broker accepts.',
    apis: [PushTelemetry, GetTelemetrySubscriptions],
    run: async (t) => {
      const fields = { compressionType: 1, metrics: gzipSync(METRICS) }
      t.expect(await push(t, await subscribe(t), fields), { errorCode: NONE })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'push-telemetry.terminating',
    says: 'The last metrics of a client that ends are taken before the interval is over, and nothing after them: INVALID_REQUEST.',
    apis: [PushTelemetry, GetTelemetrySubscriptions],
    run: async (t) => {
      const subscriber = await subscribe(t)
      t.expect(await push(t, subscriber), { errorCode: NONE })
      t.expect(await push(t, subscriber, { terminating: true }), { errorCode: NONE })
      const again = await push(t, subscriber, { terminating: true })
      t.expect(again, { errorCode: INVALID_REQUEST })
    },
  }),
  rule({
    ...TELEMETRY,
    id: 'push-telemetry.too-large',
    says: 'Metrics of more bytes than the instance was told are refused with TELEMETRY_TOO_LARGE.',
    apis: [PushTelemetry, GetTelemetrySubscriptions],
    topic: 'errors',
    run: async (t) => {
      const subscriber = await subscribe(t)
      const metrics = Buffer.alloc(subscriber.told.telemetryMaxBytes + 1)
      const errorCode = ErrorCode.TELEMETRY_TOO_LARGE
      t.expect(await push(t, subscriber, { metrics }), { errorCode })
    },
  }),
  ...refusals.map(([id, says, fields, errorCode]) =>
    rule({
      ...TELEMETRY,
      id: `push-telemetry.${id}`,
      says,
      apis: [PushTelemetry, GetTelemetrySubscriptions],
      topic: 'errors',
      run: async (t) => {
        t.expect(await push(t, await subscribe(t), fields), { errorCode })
      },
    }),
  ),
]

/** Rules of GetTelemetrySubscriptions and PushTelemetry. */
export const rules: readonly Rule[] = [...asking, ...pushing]
