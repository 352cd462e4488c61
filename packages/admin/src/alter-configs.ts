import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  IncrementalAlterConfigs,
  InvalidArgumentError,
  KafkaError,
} from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import {
  type ConfigResourceName,
  checkConfigResource,
  configNode,
  configResourceTypes,
} from './config-resource.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, retryItems } from './retry-items.js'

/** Names of configurations with a value each. */
type Values = { readonly [name: string]: string }

/**
 * What to change about a resource's configurations; what is not named stays as it is (KIP-339). All changes of a resource
 * are made together or not at all.
 */
export interface ConfigAlteration extends ConfigResourceName {
  /** New values. */
  readonly set?: Values | undefined
  /** Names whose value goes back to the default. */
  readonly delete?: readonly string[] | undefined
  /** Entries to add to values that are lists, comma-separated. */
  readonly append?: Values | undefined
  /** Entries to take out of values that are lists, comma-separated. */
  readonly subtract?: Values | undefined
}

/** What became of an alteration. */
export interface AlteredConfigs extends ItemResult, ConfigResourceName {}

/** How to alter. */
export interface AlterConfigsOptions extends OperationOptions {
  /** Only checks whether the changes could be made. */
  readonly validateOnly?: boolean | undefined
}

/** Kafka's numbers of what can be done to a configuration. */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** See `Admin.alterConfigs`. */
export const alterConfigs = async (
  cluster: Cluster,
  alterations: readonly ConfigAlteration[],
  options: AlterConfigsOptions = {},
): Promise<AlteredConfigs[]> => {
  check(alterations)
  const { validateOnly = false } = options
  const outcomes = await retryItems<ConfigAlteration, AlteredConfigs>(
    cluster,
    'altering configurations',
    alterations,
    options,
    async (open, attempt) => {
      const parts = groupByNode(open, configNode)
      const outcomes = await askParts<ConfigAlteration, (typeof parts)[number], AlteredConfigs>(
        parts,
        ({ node, items }) => ask(cluster, node, items, validateOnly, attempt),
      )
      return open.map((alteration) => outcomes.get(alteration) as AlteredConfigs | KafkaError)
    },
  )
  return outcomes.map((outcome, index) => {
    if (!(outcome instanceof KafkaError)) return outcome
    const { type, name } = alterations[index] as ConfigAlteration
    return { type, name, error: outcome }
  })
}

const ask = async (
  cluster: Cluster,
  // Brokers hand what is the controller's on to it.
  node: number | 'any',
  alterations: readonly ConfigAlteration[],
  validateOnly: boolean,
  { timeoutMs, signal }: ItemsAttempt,
): Promise<(AlteredConfigs | KafkaError)[]> => {
  const result = await cluster.request(
    IncrementalAlterConfigs,
    {
      resources: alterations.map((alteration) => ({
        resourceType: configResourceTypes[alteration.type],
        resourceName: alteration.name,
        configs: encode(alteration),
      })),
      validateOnly,
    },
    { node, timeoutMs, signal },
  )
  const { response, version } = result
  return alterations.map(({ type, name }) => {
    const found = response.responses.find(
      ({ resourceType, resourceName }) =>
        resourceType === configResourceTypes[type] && resourceName === name,
    )
    const errorCode = found?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (errorCode === ErrorCode.NONE) return { type, name }
    return new BrokerError(errorCode, {
      api: IncrementalAlterConfigs.name,
      version,
      node: result.node,
      ...(type === 'topic' ? { topic: name } : { path: `${type} ${name}` }),
      text: found?.errorMessage,
      retriable: errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined,
    })
  })
}

const encode = ({ set = {}, delete: removed = [], append = {}, subtract = {} }: ConfigAlteration) =>
  [
    ...Object.entries(set).map(([name, value]) => [operations.set, name, value] as const),
    ...removed.map((name) => [operations.delete, name, null] as const),
    ...Object.entries(append).map(([name, value]) => [operations.append, name, value] as const),
    ...Object.entries(subtract).map(([name, value]) => [operations.subtract, name, value] as const),
  ].map(([configOperation, name, value]) => ({ name, configOperation, value }))

const check = (alterations: readonly ConfigAlteration[]): void => {
  const seen = new Set<string>()
  for (const alteration of alterations) {
    checkConfigResource(alteration)
    const who = `${alteration.type} ${JSON.stringify(alteration.name)}`
    if (seen.has(who)) {
      throw new InvalidArgumentError(`${who} appears twice: put its changes together`)
    }
    seen.add(who)
    const changes = encode(alteration)
    if (changes.length === 0) {
      throw new InvalidArgumentError(
        `${who}: nothing to change; give set, delete, append or subtract`,
      )
    }
    for (const { name, configOperation, value } of changes) {
      if (configOperation === operations.delete || typeof value === 'string') continue
      throw new InvalidArgumentError(
        `${who}: the value of ${name} must be a string, as Kafka's configurations are; put the name into delete to go back to the default`,
      )
    }
  }
}
