import { ApiVersions } from '@ottla/protocol'
import type { Target } from '../target.js'
import type { Advertised } from './advertised.js'
import { openClient } from './open-client.js'

/**
 * Asks the target which versions it has, in the oldest version, which every broker answers.
 * @throws Error when it cannot be reached or does not answer
 */
export async function askApiVersions(
  target: Target,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Advertised> {
  const client = await openClient(target, { deadlineMs, signal, versionFor: () => 0 })
  try {
    const request = { clientSoftwareName: '', clientSoftwareVersion: '' }
    const { apiKeys } = await client.ask(ApiVersions, request)
    return new Map(
      apiKeys.map(({ apiKey, minVersion: min, maxVersion: max }) => [apiKey, { min, max }]),
    )
  } catch (error) {
    const { address, security } = target
    const how = security?.tls === undefined ? 'in plain text' : 'over TLS'
    const message = `${address} takes connections but does not answer as a broker of Kafka does, ${how}`
    throw new Error(`${message}: ${(error as Error).message}`, { cause: error })
  } finally {
    client.close()
  }
}
