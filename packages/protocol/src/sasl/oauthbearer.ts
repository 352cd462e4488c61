import { InvalidArgumentError, WireError } from '../errors.js'
import { escapeName, unescapeName } from './escape-name.js'

/** What a client's first OAUTHBEARER message holds (RFC 7628). */
export interface OauthBearerCredentials {
  /** The access token, as the identity provider gave it. */
  readonly token: string
  /** Whom to act as; empty (the default) for the token's subject. */
  readonly authorizationId?: string
  /** SASL extensions (KIP-342), such as `logicalCluster`. */
  readonly extensions?: Readonly<Record<string, string>>
}

const separator = '\u0001'
const mechanism = 'SASL/OAUTHBEARER'

const fault = (message: string): WireError => new WireError({ message, messageName: mechanism })

/** Writes the client's first message: `n,a=ID,` then token and extensions as key=value, ^A after each. */
export const encodeOauthBearer = (credentials: OauthBearerCredentials): Uint8Array => {
  const { token, authorizationId = '', extensions = {} } = credentials
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new InvalidArgumentError('an OAUTHBEARER token consists of visible ASCII characters')
  }
  const identity = authorizationId === '' ? '' : `a=${escapeName(authorizationId)}`
  let text = `n,${identity},${separator}auth=Bearer ${token}${separator}`
  for (const [name, value] of Object.entries(extensions)) {
    if (!/^[A-Za-z]+$/.test(name) || name === 'auth') {
      throw new InvalidArgumentError(`a SASL extension cannot be called ${JSON.stringify(name)}`)
    }
    if (!/^[\x21-\x7e \t\r\n]*$/.test(value)) {
      throw new InvalidArgumentError(`the SASL extension ${name} holds characters beyond ASCII`)
    }
    text += `${name}=${value}${separator}`
  }
  return Buffer.from(text + separator)
}

/** Reads the client's first message, as a server does. Throws WireError when it is malformed. */
export const decodeOauthBearer = (message: Uint8Array): Required<OauthBearerCredentials> => {
  const text = Buffer.from(message).toString('utf8')
  const parts = text.split(separator)
  const start = /^n,(?:a=([^,]*))?,$/.exec(parts[0] ?? '')
  const pairs = parts.slice(1, -2)
  if (
    start === null ||
    !text.endsWith(separator + separator) ||
    !pairs.every((pair) => /^[A-Za-z]+=/.test(pair))
  ) {
    throw fault('the first message is not n,,^A key=value^A … ^A')
  }
  const extensions: Record<string, string> = {}
  let token: string | undefined
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals)
    const value = pair.slice(equals + 1)
    if (name !== 'auth') extensions[name] = value
    else token = /^bearer +([\x21-\x7e]+)$/i.exec(value)?.[1]
  }
  if (token === undefined) throw fault('the first message holds no bearer token')
  return { token, authorizationId: unescapeName(start[1] ?? ''), extensions }
}

/** What a server says of a token it refuses. */
export interface OauthBearerFailure {
  /** Such as `invalid_token`. */
  readonly status: string
  readonly scope?: string | undefined
  /** Where the configuration of the identity provider can be read. */
  readonly openidConfiguration?: string | undefined
}

/** Writes the server's answer to a token it refuses. */
export const encodeOauthBearerFailure = (failure: OauthBearerFailure): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      status: failure.status,
      scope: failure.scope,
      'openid-configuration': failure.openidConfiguration,
    }),
  )

/** Reads the server's second message: undefined for success (it is empty), else what is wrong with the token. */
export const decodeOauthBearerFailure = (message: Uint8Array): OauthBearerFailure | undefined => {
  if (message.length === 0) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(message).toString('utf8'))
  } catch (cause) {
    throw new WireError({ message: 'the refusal is not JSON', messageName: mechanism, cause })
  }
  if (typeof parsed !== 'object' || parsed === null) throw fault('the refusal is not a JSON object')
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(parsed, name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    status: text('status') ?? 'unknown',
    scope: text('scope'),
    openidConfiguration: text('openid-configuration'),
  }
}

/** The client's answer to a refusal: one ^A, after which the server ends the exchange with an error. */
export const oauthBearerAbort: Uint8Array = Uint8Array.of(1)
