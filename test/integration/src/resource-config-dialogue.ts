import { ListConfigResources } from '@ottla/protocol'
import type { Exchange } from './dialogue.js'
import {
  APPEND,
  BROKER,
  CLIENT_METRICS,
  change,
  configsOf,
  DELETE,
  GROUP,
  replace,
  SET,
  SUBTRACT,
} from './dialogue-requests.js'

const group = 'configured-group'
const session = 'consumer.session.timeout.ms'
const heartbeat = 'consumer.heartbeat.interval.ms'
const tags = 'streams.rack.aware.assignment.tags'
const reset = 'share.auto.offset.reset'

/** Values of one config of a group that are set one after the other. */
const valuesOf = (config: string, ...values: readonly string[]): Exchange[] =>
  values.map((value) =>
    change(`${config} of ${value || 'nothing'}`, [[GROUP, group, [config, SET, value]]], true),
  )

const listed = (title: string, ...resourceTypes: readonly number[]): Exchange => ({
  title,
  api: ListConfigResources,
  version: 1,
  body: { resourceTypes },
})

const groups: readonly Exchange[] = [
  configsOf('a group that nobody has configured', GROUP, 'nobody'),
  configsOf('a group without a name', GROUP, ''),
  listed('no groups', GROUP),
  change('a session and a heartbeat', [
    [GROUP, group, [session, SET, '50000'], [heartbeat, SET, '7000']],
  ]),
  configsOf('the session', GROUP, group, session, heartbeat, 'share.session.timeout.ms', 'nope'),
  listed('the group', GROUP),
  change('a group’s unknown config', [[GROUP, group, ['nope', SET, '1']]]),
  change('a group’s unknown config no more', [[GROUP, group, ['nope', DELETE, null]]]),
  change('of no group', [[GROUP, '', [session, SET, '50000']]]),
  change('a group’s null', [[GROUP, group, [session, SET, null]]]),
  change('append to a group’s number', [[GROUP, group, [session, APPEND, '1']]]),
  change('append to a group’s unknown config', [[GROUP, group, ['nope', APPEND, '1']]]),
  change('a group twice', [
    [GROUP, group, [session, SET, '50000']],
    [GROUP, group, [session, SET, '51000']],
  ]),
  change('a group’s config twice', [[GROUP, group, [session, SET, '1'], [session, SET, '2']]]),
  ...valuesOf(session, '1', '0', 'x', '', '60001', '45000', '5.5', '99999999999'),
  ...valuesOf(heartbeat, '4999', '15001', '15000'),
  ...valuesOf('consumer.assignment.interval.ms', '-1', '0', '15000', '15001'),
  ...valuesOf('consumer.assignor.offload.enable', 'true', 'maybe'),
  ...valuesOf('share.session.timeout.ms', '44999', '60001', '50000'),
  ...valuesOf('share.heartbeat.interval.ms', '4999', '15001'),
  ...valuesOf('share.record.lock.duration.ms', '999', '14999', '60001', '20000'),
  ...valuesOf('share.delivery.count.limit', '1', '2', '10', '11'),
  ...valuesOf('share.partition.max.record.locks', '99', '100', '10000', '10001'),
  ...valuesOf('share.assignment.interval.ms', '-1', '0', '15001'),
  ...valuesOf('share.assignor.offload.enable', 'no'),
  ...valuesOf(reset, 'earliest', 'LATEST', 'none', 'by_duration:PT1H', 'by_duration:P1D'),
  ...valuesOf(reset, 'by_duration:-PT1H', 'by_duration:1h', 'by_duration:', 'by_duration:PT'),
  ...valuesOf(reset, 'by_duration:PT0S', 'by_duration:pt1.5s', 'by_duration:P1Y', ''),
  ...valuesOf('share.isolation.level', 'read_committed', 'READ_COMMITTED', 'serializable'),
  ...valuesOf('share.renew.acknowledge.enable', 'false', 'x'),
  ...valuesOf('streams.session.timeout.ms', '44999', '60001', '46000'),
  ...valuesOf('streams.heartbeat.interval.ms', '4999', '15001'),
  ...valuesOf('streams.num.standby.replicas', '-1', '0', '2', '3'),
  ...valuesOf('streams.initial.rebalance.delay.ms', '-1', '0', '99999'),
  ...valuesOf('streams.assignment.interval.ms', '-1', '15001'),
  ...valuesOf('streams.assignor.offload.enable', 'true'),
  ...valuesOf('streams.task.offset.interval.ms', '-1', '0', '14999', '15000', '999999'),
  ...valuesOf('streams.num.warmup.replicas', '-1', '0', '1', '20', '21'),
  ...valuesOf('streams.acceptable.recovery.lag', '-1', '0', '99999999999', 'x'),
  ...valuesOf('streams.assignor.name', 'sticky', 'nosuch', ''),
  ...valuesOf(tags, 'a', 'a,b', 'a,a', '', 'a,,b'),
  ...valuesOf('errors.deadletterqueue.topic.name', 'dead', '__dead', 'a b', ''),
  ...valuesOf('errors.deadletterqueue.copy.record.enable', 'true', 'x'),
  change('append tags', [[GROUP, group, [tags, APPEND, 'zone,rack']]]),
  change('subtract a tag', [[GROUP, group, [tags, SUBTRACT, 'zone']]]),
  change('set what is not shown', [
    [GROUP, group, ['consumer.assignor.offload.enable', SET, 'false']],
  ]),
  configsOf('all of the group', GROUP, group),
  change('a group’s value with spaces', [[GROUP, group, [heartbeat, SET, ' 08000 ']]]),
  configsOf('the value with spaces', GROUP, group, heartbeat),
  change('for all groups', [[BROKER, '', ['group.share.assignment.interval.ms', SET, '7']]]),
  configsOf('a group by all brokers', GROUP, group, 'share.assignment.interval.ms'),
  change('for all groups no more', [
    [BROKER, '', ['group.share.assignment.interval.ms', DELETE, null]],
  ]),
  ...[
    'group.share.session.timeout.ms',
    'group.share.max.session.timeout.ms',
    'group.streams.assignors',
  ].map((config) => change(`all groups’ ${config}`, [[BROKER, '', [config, SET, '1']]], true)),
  ...[
    'group.consumer.assignor.offload.enable',
    'group.streams.num.warmup.replicas',
    'group.streams.max.warmup.replicas',
    'group.streams.task.offset.interval.ms',
    'group.streams.acceptable.recovery.lag',
  ].map((config) => change(`for all groups ${config}`, [[BROKER, '', [config, SET, 'x']]], true)),
  change('a group only asked', [[GROUP, group, [session, SET, '55000']]], true),
  replace('replace those of a group', [[GROUP, group, [session, '52000']]]),
  configsOf('the group replaced', GROUP, group, session, heartbeat, tags),
  replace('replace those of groups badly', [
    [GROUP, '', [session, '52000']],
    [GROUP, 'other-group', ['nope', '1']],
  ]),
  change('the group no more', [[GROUP, group, [session, DELETE, null]]]),
  listed('no groups again', GROUP),
]

const metrics = 'configured-metrics'

/** Values of `match` that are asked about one after the other. */
const matches = (...values: readonly string[]): Exchange[] =>
  values.map((value) =>
    change(
      `a match of ${value || 'nothing'}`,
      [[CLIENT_METRICS, metrics, ['match', SET, value]]],
      true,
    ),
  )

const clientMetrics: readonly Exchange[] = [
  configsOf('client metrics that nobody has configured', CLIENT_METRICS, 'nobody'),
  configsOf('client metrics without a name', CLIENT_METRICS, ''),
  change('an interval and a match', [
    [
      CLIENT_METRICS,
      metrics,
      ['interval.ms', SET, '5000'],
      ['match', SET, 'client_id=app-.*, client_software_name = ottla'],
    ],
  ]),
  change('append metrics', [[CLIENT_METRICS, metrics, ['metrics', APPEND, 'org.apache.kafka.']]]),
  change('append metrics again', [
    [CLIENT_METRICS, metrics, ['metrics', APPEND, 'org.apache.kafka.,other.']],
  ]),
  configsOf('the client metrics', CLIENT_METRICS, metrics),
  configsOf('some of the client metrics', CLIENT_METRICS, metrics, 'interval.ms', 'nope'),
  listed('the client metrics by name', CLIENT_METRICS),
  listed('client metrics and groups', CLIENT_METRICS, GROUP),
  { title: 'as version 0 lists them', api: ListConfigResources, version: 0, body: {} },
  change('unknown client metrics config', [[CLIENT_METRICS, metrics, ['nope', SET, '1']]]),
  change('of no client metrics', [[CLIENT_METRICS, '', ['interval.ms', SET, '5000']]]),
  change('client metrics’ null', [[CLIENT_METRICS, metrics, ['interval.ms', SET, null]]]),
  change('append to an interval', [[CLIENT_METRICS, metrics, ['interval.ms', APPEND, '1']]]),
  ...['99', '100', '3600000', '3600001', 'x', ''].map((value) =>
    change(
      `an interval of ${value || 'nothing'}`,
      [[CLIENT_METRICS, metrics, ['interval.ms', SET, value]]],
      true,
    ),
  ),
  ...['', '*', 'a,a', 'a,,b'].map((value) =>
    change(
      `metrics of ${value || 'nothing'}`,
      [[CLIENT_METRICS, metrics, ['metrics', SET, value]]],
      true,
    ),
  ),
  ...matches(
    '',
    'client_id',
    'client_id=',
    'client_id=a=b',
    'id=a',
    '=a',
    'client_id=a,client_id=b',
  ),
  ...matches('client_id=(', 'client_id=*', 'client_id=[', 'client_id=a{', 'client_id=\\'),
  ...matches('client_id=(?i)a', 'client_id=a*+', 'client_id=\\Q(\\E', 'client_id=[a-z&&[^b]]'),
  ...matches('client_id=a,client_id=a', 'client_source_port=9[0-9]+', 'CLIENT_ID=a'),
  change('metrics with spaces, one twice', [
    [CLIENT_METRICS, metrics, ['metrics', SET, ' b. , a.,b. ']],
  ]),
  configsOf('the metrics with spaces', CLIENT_METRICS, metrics, 'metrics'),
  replace('replace those of client metrics', [[CLIENT_METRICS, metrics, ['interval.ms', '6000']]]),
  configsOf('the client metrics replaced', CLIENT_METRICS, metrics),
  change('the client metrics no more', [[CLIENT_METRICS, metrics, ['interval.ms', DELETE, null]]]),
  configsOf('the client metrics at last', CLIENT_METRICS, metrics),
  listed('no client metrics', CLIENT_METRICS),
]

/** Configs of groups and of client metrics, which come into being by being configured. */
export const resourceConfigDialogue: readonly Exchange[] = [...groups, ...clientMetrics]
