import { configKey, configResources } from '../image/image.js'
import type { ResolvedOptions } from '../options.js'
import type { Storage } from '../platform.js'
import type { Life } from './life.js'

/** Brings a running broker back to the state after its first start. */
export const resetLife = async (
  { controller, groups }: Life,
  storage: Storage,
  _options: ResolvedOptions,
): Promise<void> => {
  groups.close()
  await controller.deleteTopics([...controller.image.topicsById.keys()])
  // Nobody waits for a test's files as long as for a user's.
  for (const name of storage.list('')) if (name.endsWith('-delete')) storage.remove(name)
}
