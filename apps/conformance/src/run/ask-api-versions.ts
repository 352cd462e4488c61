import { ApiVersions } from '@ottla/protocol'
import { logIn } from '../client/log-in.js'
import { openSocket } from '../client/open-socket.js'
import { RawClient } from '../client/raw-client.js'
import { Recorder } from '../client/recorder.js'
import type { Target } from '../target.js'
import type { Advertised } from './advertised.js'

/**
 * Asks the target which versions it has, in the oldest version, which every broker answers.
 * @throws Error when it cannot be reached or does not answer
 */
export async function askApiVersions(
  target: Target,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Advertised> {
  const { address, security } = target
  const socket = await openSocket({ address, tls: security?.tls, deadlineMs })
  const hooks = { recorder: new Recorder(), deadlineMs, signal, versionFor: () => 0 }
  const client = new RawClient(address, socket, hooks)
  try {
    if (security?.credentials !== undefined) await logIn(client, security.credentials)
    const request = { clientSoftwareName: '', clientSoftwareVersion: '' }
    const { apiKeys } = await client.ask(ApiVersions, request)
    return new Map(
      apiKeys.map(({ apiKey, minVersion: min, maxVersion: max }) => [apiKey, { min, max }]),
    )
  } finally {
    client.close()
  }
}
