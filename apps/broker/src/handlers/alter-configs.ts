import { AlterConfigs, type AlterConfigsResponseInput } from '@ottla/protocol'
import { changeConfigs } from '../config-requests.js'
import { handler } from '../server/handler.js'

/** Gives resources the configs of the request and no others (KIP-133): what is not named falls back to its default. */
export const alterConfigsHandler = handler(
  AlterConfigs,
  { min: 0, max: 2 },
  async ({ broker }, { resources, validateOnly }): Promise<AlterConfigsResponseInput> => {
    const asked = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      names: configs.map(({ name }) => name),
      nulls: configs.filter(({ value }) => value === null).map(({ name }) => name),
      change: {
        resourceType,
        resourceName,
        configs: new Map(configs.map(({ name, value }) => [name, value ?? ''])),
      },
    }))
    return { throttleTimeMs: 0, responses: await changeConfigs(broker, asked, validateOnly) }
  },
)
