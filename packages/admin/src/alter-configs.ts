import type { Cluster } from '@ottla/network'
import { IncrementalAlterConfigs, InvalidArgumentError, type KafkaError } from '@ottla/protocol'
import { readConfigAnswers, retryConfigItems } from './config-items.js'
import {
  type ConfigResourceName,
  checkConfigResource,
  configResourceTypes,
} from './config-resource.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, resultsOf } from './retry-items.js'

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
  const outcomes = await retryConfigItems<ConfigAlteration, AlteredConfigs>(
    cluster,
    'altering configurations',
    alterations,
    options,
    (node, open, attempt) => ask(cluster, node, open, validateOnly, attempt),
  )
  return resultsOf(alterations, outcomes, ({ type, name }, error) => ({ type, name, error }))
}

const ask = async (
  cluster: Cluster,
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
  const place = { api: IncrementalAlterConfigs.name, version, node: result.node }
  return readConfigAnswers(alterations, response.responses, place, ({ type, name }) => ({
    type,
    name,
  }))
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
