import { Metadata } from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'
import { newestVersion } from '../client/raw-client.js'
import type { Target } from '../target.js'
import { type Advertised, usableVersions } from './advertised.js'
import { openClient } from './open-client.js'

/**
 * Asks for more than versions, which a listener with SASL tells anybody: thousands of executions would fail for want of a
 * login, one by one.
 * @throws Error when the target does not answer
 */
export async function checkAccess(
  target: Target,
  advertised: Advertised,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  if (usableVersions(advertised, Metadata) === undefined) return
  const versionFor = (api: AnyApi) => newestVersion(api, usableVersions(advertised, api))
  const client = await openClient(target, { deadlineMs, signal, versionFor })
  try {
    await client.ask(Metadata, { topics: [], allowAutoTopicCreation: false })
  } catch (error) {
    const { address, security } = target
    const hint = security?.credentials === undefined ? ' Does it want a login with SASL?' : ''
    const message = `${address} tells its versions and no more. ${(error as Error).message}${hint}`
    throw new Error(message, { cause: error })
  } finally {
    client.close()
  }
}
