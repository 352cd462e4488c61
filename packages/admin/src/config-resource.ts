import { InvalidArgumentError } from '@ottla/protocol'

/** The kinds of resources that have configurations, with Kafka's numbers. */
export const configResourceTypes = {
  topic: 2,
  broker: 4,
  'broker-logger': 8,
  'client-metrics': 16,
  group: 32,
} as const

/** A kind of resource that has configurations. */
export type ConfigResourceType = keyof typeof configResourceTypes

/** Names a resource that has configurations. */
export interface ConfigResourceName {
  readonly type: ConfigResourceType
  /** A topic's or group's name; a broker's node id, as a string; an empty string for what holds for all brokers. */
  readonly name: string
}

/** @throws InvalidArgumentError unless the kind is known and the name a string. */
export const checkConfigResource = ({ type, name }: ConfigResourceName): void => {
  if (!Object.hasOwn(configResourceTypes, type)) {
    const known = Object.keys(configResourceTypes).join(', ')
    throw new InvalidArgumentError(`a configuration's resource is one of ${known}, not ${type}`)
  }
  if (typeof name !== 'string') {
    throw new InvalidArgumentError(`the name of a ${type} must be a string, not ${typeof name}`)
  }
  const isOneBroker = type === 'broker-logger' || (type === 'broker' && name !== '')
  if (isOneBroker && !/^\d+$/.test(name)) {
    throw new InvalidArgumentError(
      `the name of a ${type} is its node id, such as "1", not ${JSON.stringify(name)}`,
    )
  }
}

/** Who is to be asked: what belongs to one broker only that broker knows; anything else all know. */
export const configNode = ({ type, name }: ConfigResourceName): number | 'any' =>
  type === 'broker-logger' || (type === 'broker' && name !== '') ? Number(name) : 'any'
