import { IncrementalAlterConfigs, type IncrementalAlterConfigsResponseInput } from '@ottla/protocol'
import { changeConfigs } from '../config-requests.js'
import { configOperations } from '../controller/config-changes.js'
import { handler } from '../server/handler.js'

/** Sets, removes, appends to and subtracts from configs one by one (KIP-339). */
export const incrementalAlterConfigsHandler = handler(
  IncrementalAlterConfigs,
  { min: 0, max: 1 },
  async (
    { broker },
    { resources, validateOnly },
  ): Promise<IncrementalAlterConfigsResponseInput> => {
    const asked = resources.map(({ resourceType, resourceName, configs }) => {
      const operations = configs.map(({ name, configOperation, value }) => ({
        name,
        operation: configOperation,
        value,
      }))
      return {
        resourceType,
        resourceName,
        names: configs.map(({ name }) => name),
        nulls: operations
          .filter(({ operation, value }) => operation !== configOperations.remove && value === null)
          .map(({ name }) => name),
        change: { resourceType, resourceName, operations },
      }
    })
    return { throttleTimeMs: 0, responses: await changeConfigs(broker, asked, validateOnly) }
  },
)
