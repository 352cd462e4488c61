import { ConnectionError, type KafkaError } from '@ottla/protocol'

/** One address that cannot be reached. */
export interface Unreachable {
  /** `host:port`. */
  readonly address: string
  readonly error: KafkaError
  /** Since the first failure after the last success. */
  readonly forMs: number
}

/** What the application has to know when nothing answers: where it was looked for, why not, for how long. */
export const noBrokerReachable = (places: readonly Unreachable[]): ConnectionError => {
  const list = places.map(({ address, error }) => `${address} (${shortReason(error)})`).join(', ')
  const longestMs = Math.max(...places.map(({ forMs }) => forMs))
  const errors = places.map(({ error }) => error)
  return new ConnectionError(
    `no broker reachable at ${list}${duration(longestMs)}: is the broker running, is bootstrapServers right?`,
    {
      code: 'OTTLA_CONNECTION_NO_BROKER',
      cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
      retriable: errors.some(({ retriable }) => retriable),
    },
  )
}

const duration = (ms: number): string => (ms < 1000 ? '' : ` for ${Math.round(ms / 1000)} s`)

const systemReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'name service does not answer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to network',
}

/** A few words where the system's code says it all, else the message. */
const shortReason = (error: KafkaError): string => {
  if (error.code === 'OTTLA_TIMEOUT_CONNECT') return 'no answer'
  const { code } = (error.cause ?? {}) as { readonly code?: unknown }
  const known = typeof code === 'string' ? systemReasons[code] : undefined
  return error.code === 'OTTLA_CONNECTION' && known !== undefined ? known : error.message
}
