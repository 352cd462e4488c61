import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import {
  type ConfigDefinition,
  configRow,
  indexByName,
  noneEmpty,
  parseConfig,
} from './definition.js'
import { isJavaPattern } from './java-pattern.js'

/** The configs of a subscription to metrics of clients (KIP-714). */
export const clientMetricsConfigTable: readonly ConfigDefinition[] = [
  configRow('interval.ms', 'int', '300000', 'How often clients push metrics, in milliseconds.'),
  configRow(
    'match',
    'list',
    '',
    'The clients that are meant, by patterns such as client_id=app-.*; all if empty.',
    noneEmpty('match'),
  ),
  configRow(
    'metrics',
    'list',
    '',
    'Beginnings of the names of the metrics that are wanted; * is all of them.',
    noneEmpty('metrics'),
  ),
]

/** The same rows by name. */
export const clientMetricsConfigs: ReadonlyMap<string, ConfigDefinition> =
  indexByName(clientMetricsConfigTable)

const minIntervalMs = 100
const maxIntervalMs = 3_600_000

/** What a client can be known by. */
const clientTraits: ReadonlySet<string> = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
])

/**
 * Checks the configs of a subscription as Kafka does.
 * @throws BrokerError INVALID_REQUEST, or INVALID_CONFIG for a value of the wrong type and a match that is no pattern.
 */
export const checkClientMetricsConfigs = (configs: ReadonlyMap<string, string>): void => {
  const unknown = [...configs.keys()].find((name) => !clientMetricsConfigs.has(name))
  if (unknown !== undefined) {
    throw refusal(ErrorCode.INVALID_REQUEST, `Unknown client metrics configuration: ${unknown}`)
  }
  for (const [name, definition] of clientMetricsConfigs) {
    const text = configs.get(name)
    if (text === undefined) continue
    const value = parseConfig(definition, text)
    if (name === 'interval.ms') checkInterval(value as number)
    if (name === 'match') (value as readonly string[]).forEach(checkMatch)
  }
}

const checkInterval = (intervalMs: number): void => {
  if (intervalMs >= minIntervalMs && intervalMs <= maxIntervalMs) return
  const text = `Invalid value ${intervalMs} for interval.ms, interval must be between 100 and 3600000 (1 hour)`
  throw refusal(ErrorCode.INVALID_REQUEST, text)
}

/** A trait of clients, an equals sign, and a pattern. */
const checkMatch = (match: string): void => {
  // As Java splits: what is empty at the end does not count.
  const [trait = '', pattern = '', ...more] = match.replace(/=+$/, '').split('=')
  if (
    pattern !== '' &&
    more.length === 0 &&
    clientTraits.has(trait.trim()) &&
    isJavaPattern(pattern.trim())
  )
    return
  throw refusal(ErrorCode.INVALID_CONFIG, `Illegal client matching pattern: ${match}`)
}
