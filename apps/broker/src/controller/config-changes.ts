import { ErrorCode } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { refusal } from '../errors.js'
import { configsOf, type MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import { type ConfigKind, configKinds } from './config-kinds.js'

/** A topic, a broker, all brokers (a broker with the empty name), a group, or a subscription to metrics of clients. */
export interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** What IncrementalAlterConfigs does with one config, by Kafka's number. */
export const configOperations = { set: 0, remove: 1, append: 2, subtract: 3 } as const

/** One change of a config. */
export interface ConfigOperation {
  readonly name: string
  /** A number of `configOperations`. */
  readonly operation: number
  readonly value: string | null
}

/** Changes of one resource: operations that leave its other configs alone (KIP-339), or the configs it is to have. */
export type ConfigChange = ConfigResource &
  (
    | { readonly operations: readonly ConfigOperation[] }
    | { readonly configs: ReadonlyMap<string, string> }
  )

/**
 * Plans changes of configs; changes nothing.
 * @throws BrokerError in the words of Kafka's controller.
 */
export const planConfigChange = (
  image: MetadataImage,
  config: BrokerConfig,
  change: ConfigChange,
): MetadataRecordInput[] => {
  const { resourceType, resourceName } = change
  const kind = configKinds.get(resourceType)
  if (kind === undefined) {
    throw refusal(ErrorCode.INVALID_REQUEST, `Unknown resource type ${resourceType}`)
  }
  const present = configsOf(image, resourceType, resourceName)
  const next =
    'configs' in change ? change.configs : applyOperations(config, kind, present, change.operations)
  kind.check(resourceName, next, image, config)
  const records: MetadataRecordInput[] = []
  for (const name of new Set([...present.keys(), ...next.keys()])) {
    const value = next.get(name) ?? null
    if (value !== (present.get(name) ?? null)) {
      checkLength(value)
      records.push({ type: 'ConfigRecord', value: { resourceType, resourceName, name, value } })
    }
  }
  return records
}

/** As much as fits into the strings of answers; a list can grow beyond it, piece by piece. */
const maxValueBytes = 32_767

const checkLength = (value: string | null): void => {
  if (value === null || Buffer.byteLength(value) <= maxValueBytes) return
  const text = `The configuration value cannot be added because it exceeds the maximum value size of ${maxValueBytes} bytes.`
  throw refusal(ErrorCode.INVALID_CONFIG, text)
}

const applyOperations = (
  config: BrokerConfig,
  kind: ConfigKind,
  present: ReadonlyMap<string, string>,
  operations: readonly ConfigOperation[],
): ReadonlyMap<string, string> => {
  const next = new Map(present)
  for (const { name, operation, value } of operations) {
    if (operation === configOperations.remove) next.delete(name)
    else if (operation === configOperations.set) next.set(name, value ?? '')
    else next.set(name, changeList(config, kind, next, { name, operation, value }))
  }
  return next
}

/** Adds to a list, or takes from it; a list that is not set starts from the value in force. */
const changeList = (
  config: BrokerConfig,
  { lists, inherited }: ConfigKind,
  present: ReadonlyMap<string, string>,
  { name, operation, value }: ConfigOperation,
): string => {
  const verbs: Readonly<Record<number, string>> = {
    [configOperations.append]: 'APPEND',
    [configOperations.subtract]: 'SUBTRACT',
  }
  const verb = verbs[operation]
  // Kafka's controller fails on a number that it does not know, and says nothing more.
  if (verb === undefined) throw refusal(ErrorCode.UNKNOWN_SERVER_ERROR)
  const definition = lists.get(name)
  if (definition?.type !== 'list') {
    const text = `Can't ${verb} to key ${name} because its type is not LIST.`
    throw refusal(ErrorCode.INVALID_CONFIG, text)
  }
  const old = split(present.get(name) ?? inherited(definition, config) ?? '')
  const given = split(value ?? '')
  return operation === configOperations.append
    ? [...old, ...given.filter((each) => !old.includes(each))].join(',')
    : old.filter((each) => !given.includes(each)).join(',')
}

const split = (list: string): string[] => (list === '' ? [] : list.split(/\s*,\s*/))
