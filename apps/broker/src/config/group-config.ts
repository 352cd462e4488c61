import { ErrorCode, InvalidArgumentError } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { BrokerConfig } from './broker-config.js'
import { type ConfigChoice, configSources, resourceConfigChoices } from './config-choices.js'
import { type ConfigDefinition, type ConfigValue, parseConfig } from './definition.js'
import { groupConfigs, groupConfigTable } from './group-configs.js'
import { listOf } from './listener-text.js'

/** Every value that a config of a group could take, the one in force first: its own, the broker's, Kafka's. */
export const groupConfigChoices = (
  row: ConfigDefinition,
  own: string | undefined,
  broker: BrokerConfig,
): ConfigChoice[] => {
  const { name, synonyms, default: value } = row
  const choices = resourceConfigChoices(row, own, configSources.group, broker)
  const hasMore = synonyms !== undefined || value === null
  return hasMore ? choices : [...choices, { name, value, source: configSources.default }]
}

/**
 * Checks what the broker is given for groups in general: values within its own limits, sessions longer than heartbeats.
 * @throws InvalidArgumentError that names what does not fit together.
 */
export const checkGroupDefaults = (broker: BrokerConfig): void => {
  const check = (isRight: boolean, text: string): void => {
    if (!isRight) throw new InvalidArgumentError(text)
  }
  for (const { synonyms = [], min, max } of groupConfigTable) {
    const [{ name } = { name: '' }] = synonyms
    if (min !== undefined) {
      const isEnough = broker.number(name) >= broker.number(min)
      check(isEnough, `${name} must be greater than or equal to ${min}`)
    }
    if (max !== undefined) {
      const isLittleEnough = broker.number(name) <= broker.number(max)
      check(isLittleEnough, `${name} must be less than or equal to ${max}`)
    }
  }
  for (const kind of groupKinds) {
    const session = `group.${kind}.session.timeout.ms`
    const heartbeat = `group.${kind}.heartbeat.interval.ms`
    const isLonger = broker.number(session) > broker.number(heartbeat)
    check(isLonger, `${heartbeat} must be less than ${session}`)
  }
}

const groupKinds = ['consumer', 'share', 'streams'] as const

const invalid = (text: string): Error => refusal(ErrorCode.INVALID_CONFIG, text)

/**
 * Checks the configs of a group as Kafka does: names, values, the limits that the broker sets, and values that
 * contradict each other or the broker's.
 * @throws BrokerError INVALID_CONFIG
 */
export const checkGroupConfigs = (
  configs: ReadonlyMap<string, string>,
  broker: BrokerConfig,
): void => {
  const parsed = new Map<string, ConfigValue>()
  const unknown = [...configs.keys()].find((name) => !groupConfigs.has(name))
  if (unknown !== undefined) throw invalid(`Unknown group config name: ${unknown}`)
  checkTags(configs)
  for (const [name, definition] of groupConfigs) {
    const value = configs.get(name)
    if (value !== undefined) parsed.set(name, parseConfig(definition, value))
  }
  for (const { name, min, max } of groupConfigTable) {
    const value = parsed.get(name)
    if (typeof value === 'number') checkLimits(name, value, min, max, broker)
  }
  checkAssignor(parsed, broker)
  for (const kind of groupKinds) checkHeartbeats(kind, parsed, broker)
  if (configs.get(deadLetters)?.startsWith('__')) {
    throw invalid(`${deadLetters}: DLQ topic name must not start with '__'`)
  }
}

const tags = 'streams.rack.aware.assignment.tags'
const deadLetters = 'errors.deadletterqueue.topic.name'

const checkTags = (configs: ReadonlyMap<string, string>): void => {
  const given = listOf(configs.get(tags) ?? null)
  if (new Set(given).size < given.length) {
    throw invalid(`${tags} must not contain duplicate tag keys.`)
  }
}

const checkAssignor = (parsed: ReadonlyMap<string, ConfigValue>, broker: BrokerConfig): void => {
  const name = parsed.get('streams.assignor.name')
  const known = listOf(broker.text('group.streams.assignors'))
  if (name === undefined || known.includes(String(name))) return
  const text = `streams.assignor.name '${name}' is not a registered task assignor. Registered assignors are: [${known.join(', ')}].`
  throw invalid(text)
}

const checkLimits = (
  name: string,
  value: number,
  min: string | undefined,
  max: string | undefined,
  broker: BrokerConfig,
): void => {
  const least = min === undefined ? undefined : broker.number(min)
  const most = max === undefined ? undefined : broker.number(max)
  if (!((least !== undefined && value < least) || (most !== undefined && value > most))) return
  if (least === undefined) throw invalid(`${name} must be less than or equal to ${most}`)
  if (most === undefined) throw invalid(`${name} must be greater than or equal to ${least}`)
  throw invalid(`${name} must be in the range ${least} to ${most} inclusive.`)
}

/** A member that lives by its heartbeats must have time for more than one. */
const checkHeartbeats = (
  kind: string,
  parsed: ReadonlyMap<string, ConfigValue>,
  broker: BrokerConfig,
): void => {
  const session = `${kind}.session.timeout.ms`
  const heartbeat = `${kind}.heartbeat.interval.ms`
  const inForce = (name: string): ConfigValue => parsed.get(name) ?? broker.number(`group.${name}`)
  if (inForce(session) > inForce(heartbeat)) return
  throw invalid(`${session} must be greater than ${heartbeat}`)
}
