import type { AnyApi } from '../client/any-api.js'
import { logInOrClose } from '../client/log-in.js'
import { openSocket } from '../client/open-socket.js'
import { RawClient } from '../client/raw-client.js'
import { Recorder } from '../client/recorder.js'
import type { Credentials, Target } from '../target.js'

/** What a connection of the run itself needs. */
export interface OpenClientOptions {
  readonly deadlineMs: number
  readonly signal: AbortSignal
  versionFor(api: AnyApi): number
}

/**
 * Opens a connection that belongs to no rule: for what the run asks and does itself.
 * @throws Error when the target cannot be reached
 */
export async function openClient(
  { address, security }: Target,
  options: OpenClientOptions,
): Promise<RawClient> {
  const socket = await openSocket({ address, tls: security?.tls, deadlineMs: options.deadlineMs })
  const client = new RawClient(address, socket, { recorder: new Recorder(), ...options })
  if (security?.credentials !== undefined) await enter(client, security.credentials)
  return client
}

async function enter(client: RawClient, credentials: Credentials): Promise<void> {
  const { username, mechanism = 'PLAIN' } = credentials
  try {
    await logInOrClose(client, credentials)
  } catch (error) {
    const message = `cannot log in to ${client.address} as ${username} with ${mechanism}`
    throw new Error(`${message}: ${(error as Error).message}`, { cause: error })
  }
}
