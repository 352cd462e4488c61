import {
  atLeast,
  type Complaint,
  type ConfigCheck,
  type ConfigDefinition,
  type ConfigType,
  type ConfigValue,
  indexByName,
  noneEmpty,
  oneOf,
} from './definition.js'

/** A config of one group (KIP-848, KIP-932, KIP-1071). */
export interface GroupConfigDefinition extends ConfigDefinition {
  /** The broker config whose value is the least that a group may have. */
  readonly min?: string | undefined
  /** The broker config whose value is the most that a group may have. */
  readonly max?: string | undefined
}

/** A config of groups with what the broker has to do with it. */
interface Setting {
  readonly name: string
  readonly type: ConfigType
  readonly default: string
  readonly doc: string
  readonly check?: ConfigCheck | undefined
  /** The broker config with the value of groups that have none of their own. */
  readonly broker?: string | undefined
  /** The broker configs with the limits, each with its default. */
  readonly min?: Limit | undefined
  readonly max?: Limit | undefined
  readonly isInternal?: boolean | undefined
}

type Limit = readonly [name: string, byDefault: string]

const positive = atLeast(1)
const notNegative = atLeast(0)

/** How long ago, in `java.time.Duration`'s form of ISO 8601: days, hours, minutes and seconds. */
const duration =
  /^by_duration:([-+]?)P(?=[-+\dT])(?:([-+]?\d+)D)?(?:T(?=[-+\d])(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,]\d{0,9})?S)?)?$/i

const offsetReset = (value: ConfigValue): Complaint | undefined => {
  const text = String(value)
  if (text === 'earliest' || text === 'latest') return undefined
  const [, sign, ...parts] = duration.exec(text) ?? []
  const isNegative = parts.some((part) => part?.startsWith('-')) !== (sign === '-')
  if (sign !== undefined && !isNegative) return undefined
  return `Invalid value \`${text}\` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`
}

/** What members of each kind of group are told, and how often they are assigned anew. */
const membership = (kind: string, members: string): Setting[] => [
  {
    name: `${kind}.heartbeat.interval.ms`,
    type: 'int',
    default: '5000',
    check: positive,
    broker: `group.${kind}.heartbeat.interval.ms`,
    min: [`group.${kind}.min.heartbeat.interval.ms`, '5000'],
    max: [`group.${kind}.max.heartbeat.interval.ms`, '15000'],
    doc: `Time between heartbeats that ${members} are told.`,
  },
  {
    name: `${kind}.session.timeout.ms`,
    type: 'int',
    default: '45000',
    check: positive,
    broker: `group.${kind}.session.timeout.ms`,
    min: [`group.${kind}.min.session.timeout.ms`, '45000'],
    max: [`group.${kind}.max.session.timeout.ms`, '60000'],
    doc: `How long ${members} may be silent before they are taken for lost.`,
  },
  {
    name: `${kind}.assignment.interval.ms`,
    type: 'int',
    default: '1000',
    check: notNegative,
    broker: `group.${kind}.assignment.interval.ms`,
    min: [`group.${kind}.min.assignment.interval.ms`, '0'],
    max: [`group.${kind}.max.assignment.interval.ms`, '15000'],
    doc: `Shortest time between two assignments of ${members}.`,
  },
  {
    name: `${kind}.assignor.offload.enable`,
    type: 'boolean',
    default: 'true',
    broker: `group.${kind}.assignor.offload.enable`,
    isInternal: true,
    doc: `Whether assignments of ${members} are computed beside other requests.`,
  },
]

const share: readonly Setting[] = [
  {
    name: 'share.record.lock.duration.ms',
    type: 'int',
    default: '30000',
    check: atLeast(1000),
    broker: 'group.share.record.lock.duration.ms',
    min: ['group.share.min.record.lock.duration.ms', '15000'],
    max: ['group.share.max.record.lock.duration.ms', '60000'],
    doc: 'How long a record that was handed out waits for its acknowledgement.',
  },
  {
    name: 'share.delivery.count.limit',
    type: 'int',
    default: '5',
    check: atLeast(2),
    broker: 'group.share.delivery.count.limit',
    min: ['group.share.min.delivery.count.limit', '2'],
    max: ['group.share.max.delivery.count.limit', '10'],
    doc: 'How often a record is handed out at most.',
  },
  {
    name: 'share.partition.max.record.locks',
    type: 'int',
    default: '2000',
    check: atLeast(100),
    broker: 'group.share.partition.max.record.locks',
    min: ['group.share.min.partition.max.record.locks', '100'],
    max: ['group.share.max.partition.max.record.locks', '4000'],
    doc: 'How many records of a partition may be handed out at a time.',
  },
  {
    name: 'share.auto.offset.reset',
    type: 'string',
    default: 'latest',
    check: offsetReset,
    doc: 'Where a group begins to read a partition: earliest, latest, or by_duration: and how long ago, such as by_duration:PT1H.',
  },
  {
    name: 'share.isolation.level',
    type: 'string',
    default: 'read_uncommitted',
    check: oneOf('read_committed', 'read_uncommitted'),
    doc: 'Whether records of transactions are handed out before these have committed.',
  },
  {
    name: 'share.renew.acknowledge.enable',
    type: 'boolean',
    default: 'true',
    doc: 'Whether members may ask for more time for a record.',
  },
]

const streams: readonly Setting[] = [
  {
    name: 'streams.num.standby.replicas',
    type: 'int',
    default: '0',
    check: notNegative,
    broker: 'group.streams.num.standby.replicas',
    max: ['group.streams.max.standby.replicas', '2'],
    doc: 'Copies of the state of each task that are kept ready.',
  },
  {
    name: 'streams.initial.rebalance.delay.ms',
    type: 'int',
    default: '3000',
    check: notNegative,
    broker: 'group.streams.initial.rebalance.delay.ms',
    doc: 'How long the first assignment of a new group waits for more members.',
  },
  {
    name: 'streams.task.offset.interval.ms',
    type: 'int',
    default: '60000',
    check: positive,
    isInternal: true,
    broker: 'group.streams.task.offset.interval.ms',
    min: ['group.streams.min.task.offset.interval.ms', '15000'],
    doc: 'How often members say how far the state of their tasks has come.',
  },
  {
    name: 'streams.num.warmup.replicas',
    type: 'int',
    default: '2',
    check: notNegative,
    isInternal: true,
    broker: 'group.streams.num.warmup.replicas',
    max: ['group.streams.max.warmup.replicas', '20'],
    doc: 'Copies of state that may be filled at a time before tasks move to them.',
  },
  {
    name: 'streams.acceptable.recovery.lag',
    type: 'long',
    default: '10000',
    check: notNegative,
    isInternal: true,
    broker: 'group.streams.acceptable.recovery.lag',
    doc: 'Offsets that a copy may be behind and still take over its task.',
  },
  {
    name: 'streams.rack.aware.assignment.tags',
    type: 'list',
    default: '',
    check: noneEmpty('streams.rack.aware.assignment.tags'),
    broker: 'group.streams.rack.aware.assignment.tags',
    doc: 'Tags of clients that copies of a state should differ in.',
  },
]

/** Those that streams groups may choose from; Kafka 4.4 has one by itself, others are plugins. */
const streamsAssignors: ConfigDefinition = {
  name: 'group.streams.assignors',
  type: 'list',
  default: 'sticky',
  check: oneOf('sticky'),
  doc: 'The assignors that streams groups may choose from; the first is that of groups that do not.',
}

const streamsAssignor: Setting = {
  name: 'streams.assignor.name',
  type: 'string',
  default: 'sticky',
  broker: streamsAssignors.name,
  doc: 'Who assigns tasks to the members of a streams group.',
}

const errors: readonly Setting[] = [
  {
    name: 'errors.deadletterqueue.topic.name',
    type: 'string',
    default: '',
    doc: 'The topic for records that a share group cannot process; empty for none.',
  },
  {
    name: 'errors.deadletterqueue.copy.record.enable',
    type: 'boolean',
    default: 'false',
    doc: 'Whether such a record is copied there, or only told of.',
  },
]

const settings: readonly Setting[] = [
  ...membership('consumer', 'members of a consumer group'),
  ...membership('share', 'members of a share group'),
  ...share,
  ...membership('streams', 'members of a streams group'),
  ...streams,
  streamsAssignor,
  ...errors,
]

/** Every config of groups of Kafka 4.4, in the order in which they are checked. */
export const groupConfigTable: readonly GroupConfigDefinition[] = settings.map(
  ({ broker, min, max, ...row }) => ({
    ...row,
    synonyms: broker === undefined ? undefined : [{ name: broker }],
    min: min?.[0],
    max: max?.[0],
  }),
)

/** The same rows by name. */
export const groupConfigs: ReadonlyMap<string, ConfigDefinition> = indexByName(groupConfigTable)

/** The broker configs that are about those of groups: what a group has without its own, and the limits of its own. */
export const groupBrokerConfigTable: readonly ConfigDefinition[] = [
  streamsAssignors,
  ...settings
    .filter(({ broker }) => broker !== streamsAssignors.name)
    .flatMap(({ broker, min, max, name, type, check, doc, isInternal, default: byDefault }) => {
      const limit = (at: Limit | undefined, what: string): ConfigDefinition[] => {
        if (at === undefined) return []
        const [limitName, limitDefault] = at
        const about = `The ${what} ${name} that a group may have.`
        return [{ name: limitName, type, default: limitDefault, check, doc: about, isInternal }]
      }
      const ofAll = `${doc} A group may have its own ${name}.`
      const row = { type, default: byDefault, check, doc: ofAll, isInternal }
      return [
        ...(broker === undefined ? [] : [{ name: broker, ...row }]),
        ...limit(min, 'least'),
        ...limit(max, 'greatest'),
      ]
    }),
]
