import { DescribeConfigs, IncrementalAlterConfigs } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { forSetUp } from './newest.js'

/** Kinds of resources that have configs, as requests name them. */
export const ConfigResourceType = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const

/** Where the value of a config comes from, as DescribeConfigs says it. */
export const ConfigSource = {
  DYNAMIC_TOPIC: 1,
  DYNAMIC_BROKER: 2,
  DYNAMIC_DEFAULT_BROKER: 3,
  STATIC_BROKER: 4,
  DEFAULT: 5,
  CLIENT_METRICS: 7,
  GROUP: 8,
} as const

/** What IncrementalAlterConfigs does to a config. */
export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

/** One resource that has configs. */
export interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** The resource of a topic. */
export const topicResource = (name: string): ConfigResource => ({
  resourceType: ConfigResourceType.TOPIC,
  resourceName: name,
})

/** The value of one config as it is; undefined where the resource has none of this name. */
export async function readConfig(
  t: RuleContext,
  resource: ConfigResource,
  name: string,
): Promise<string | null | undefined> {
  const request = { resources: [{ ...resource, configurationKeys: [name] }] }
  const { results } = await t.client.ask(DescribeConfigs, request, forSetUp(t, DescribeConfigs))
  return results[0]?.configs.find((config) => config.name === name)?.value
}

/** Waits until a config has a value; undefined stands for none. */
export async function untilConfig(
  t: RuleContext,
  resource: ConfigResource,
  name: string,
  value: string | undefined,
): Promise<void> {
  await t.until(
    `${name} to be ${value}`,
    async () => (await readConfig(t, resource, name)) === value,
  )
}

/** Sets configs of a resource, or takes them back where the value is null. */
export async function changeConfigs(
  t: RuleContext,
  resource: ConfigResource,
  values: Readonly<Record<string, string | null>>,
): Promise<void> {
  const configs = Object.entries(values).map(([name, value]) => {
    const configOperation = value === null ? ConfigOperation.DELETE : ConfigOperation.SET
    return { name, configOperation, value }
  })
  const request = { resources: [{ ...resource, configs }], validateOnly: false }
  const options = forSetUp(t, IncrementalAlterConfigs)
  const { responses } = await t.client.ask(IncrementalAlterConfigs, request, options)
  t.equal(responses[0]?.errorCode, 0, 'error of IncrementalAlterConfigs')
}
