import type { Controller } from '../controller/controller.js'
import { configResources, configuredNames } from '../image/image.js'
import type { ResolvedOptions } from '../options.js'
import type { Storage } from '../platform.js'
import type { Life } from './life.js'

/**
 * Brings a running broker back to the state after its first start. It deletes what there is, as clients could, so whoever
 * follows along (a parked fetch, a subscriber of events) sees nothing unusual.
 */
export const resetLife = async (
  { controller, groups }: Life,
  storage: Storage,
  { users }: ResolvedOptions,
): Promise<void> => {
  groups.close()
  await controller.deleteTopics([...controller.image.topicsById.keys()])
  await removeConfigs(controller)
  await removeScramUsers(controller, new Set(users.map(({ name }) => name)))
  // A user's files wait for `file.delete.delay.ms`; a test's would only pile up.
  for (const name of storage.list('')) if (name.endsWith('-delete')) storage.remove(name)
}

/** Those of topics went with the topics. */
const removeConfigs = async (controller: Controller): Promise<void> => {
  const changes = Object.values(configResources).flatMap((resourceType) =>
    configuredNames(controller.image, resourceType).map((resourceName) => ({
      resourceType,
      resourceName,
      configs: new Map<string, string>(),
    })),
  )
  if (changes.length > 0) await controller.changeConfigs(changes)
}

/** One mechanism after the other, for a request may name a user only once. */
const removeScramUsers = async (
  controller: Controller,
  given: ReadonlySet<string>,
): Promise<void> => {
  for (const [mechanism, credentials] of controller.image.scramCredentials) {
    const deletions = [...credentials.keys()]
      .filter((name) => !given.has(name))
      .map((name) => ({ name, mechanism }))
    if (deletions.length > 0) await controller.alterScramCredentials(deletions, [])
  }
}
