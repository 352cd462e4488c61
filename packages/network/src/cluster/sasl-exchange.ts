import {
  AuthenticationError,
  ConnectionError,
  checkScramServerFinal,
  decodeOauthBearerFailure,
  encodeOauthBearer,
  encodePlain,
  KafkaError,
  oauthBearerAbort,
  parseScramServerFirst,
  type ScramMechanism,
  scramClientFinal,
  scramClientFirst,
  scramMechanisms,
} from '@ottla/protocol'
import type { OauthToken, ResolvedSasl, SaslCredentials } from '../options/sasl-options.js'
import type { Platform } from '../platform/platform.js'
import type { SaslStep } from '../session/authentication.js'

/**
 * The client's tokens of one authentication: yields them, is handed what the broker answered to each, and returns when it is
 * content. Throws when the broker cannot prove what it has to, or the credentials are not to be had.
 */
export type SaslExchange = AsyncGenerator<SaslStep, void, Uint8Array>

/** Begins one authentication; `signal` reaches the application's callbacks. */
export type BeginSasl = (signal: AbortSignal) => SaslExchange

/** A token is used for new connections in this part of its lifetime. */
const tokenReuse = 0.8

/** How a client makes SASL exchanges for all its connections. */
export const createSaslExchanges = (sasl: ResolvedSasl, platform: Platform): BeginSasl => {
  if (sasl.mechanism === 'OAUTHBEARER') {
    const tokenOf = reusingTokens(sasl.token, platform)
    return (signal) => oauthBearer(() => called('sasl.token', () => tokenOf(signal)))
  }
  const { mechanism, credentials } = sasl
  return (signal) => {
    const ask = () =>
      called('sasl.credentials', async () => checkCredentials(await credentials({ signal })))
    return mechanism === 'PLAIN' ? plain(ask) : scram(mechanism, ask, platform)
  }
}

async function* plain(credentials: () => Promise<SaslCredentials>): SaslExchange {
  yield { token: encodePlain(await credentials()) }
}

async function* scram(
  mechanism: ScramMechanism,
  credentials: () => Promise<SaslCredentials>,
  { crypto, random }: Platform,
): SaslExchange {
  const { username, password } = await credentials()
  const { hash, keyBytes } = scramMechanisms[mechanism]
  const nonce = Buffer.from(random.bytes(24)).toString('base64')
  const clientFirst = scramClientFirst({ username, nonce })
  const serverFirst = parseScramServerFirst(yield { token: clientFirst.message }, nonce)
  const { salt, iterations } = serverFirst
  const saltedPassword = await crypto.pbkdf2(hash, password, { salt, iterations, keyBytes })
  const { message, serverSignature } = scramClientFinal({
    crypto: {
      hash: (bytes) => crypto.hash(hash, bytes),
      hmac: (key, bytes) => crypto.hmac(hash, key, bytes),
    },
    saltedPassword,
    clientFirst,
    serverFirst,
  })
  checkScramServerFinal(yield { token: message }, serverSignature)
}

async function* oauthBearer(token: () => Promise<OauthToken>): SaslExchange {
  const { value, extensions } = await token()
  const answer = yield {
    token: encodeOauthBearer({ token: value, ...(extensions === undefined ? {} : { extensions }) }),
  }
  const failure = decodeOauthBearerFailure(answer)
  if (failure === undefined) return
  const { status, scope, openidConfiguration } = failure
  const where = openidConfiguration === undefined ? '' : ` (see ${openidConfiguration})`
  const scopes = scope === undefined ? '' : `, scope ${scope}`
  // The broker waits for one more token before it says no in its own words.
  yield {
    token: oauthBearerAbort,
    refusal: new AuthenticationError(
      `the broker refuses the OAUTHBEARER token: ${status}${scopes}${where}; check what sasl.token returns`,
      { cause: failure },
    ),
  }
}

/** Keeps a token that says how long it is good, and lets connections made at once share one call. */
const reusingTokens = (
  ask: (options: { signal: AbortSignal }) => OauthToken | Promise<OauthToken>,
  { clock }: Platform,
): ((signal: AbortSignal) => Promise<OauthToken>) => {
  let kept: OauthToken | undefined
  let keptUntilMs = 0
  return async (signal) => {
    if (kept !== undefined && clock.monotonic() < keptUntilMs) return kept
    const token = checkToken(await ask({ signal }))
    kept = token.lifetimeMs === undefined ? undefined : token
    keptUntilMs = clock.monotonic() + (token.lifetimeMs ?? 0) * tokenReuse
    return token
  }
}

/** Runs a callback of the application and says so when it fails. */
const called = async <T>(name: string, callback: () => Promise<T>): Promise<T> => {
  try {
    return await callback()
  } catch (error) {
    // `fetch` hides the network's error one level down.
    const inner = error instanceof Error && error.cause !== undefined ? error.cause : error
    const known = [KafkaError.from(error), KafkaError.from(inner)].find(
      ({ retriable }) => retriable,
    )
    const why = error instanceof Error ? error.message : String(error)
    const text = `the callback ${name} failed: ${why}`
    throw known === undefined
      ? new AuthenticationError(text, { cause: error })
      : new ConnectionError(text, { code: 'OTTLA_CONNECTION_SASL', cause: error })
  }
}

const checkCredentials = (credentials: SaslCredentials): SaslCredentials => {
  const { username, password } = credentials ?? {}
  if (typeof username === 'string' && typeof password === 'string') return credentials
  throw new AuthenticationError('it returned no { username, password } of strings')
}

const checkToken = (token: OauthToken): OauthToken => {
  if (typeof token?.value === 'string') return token
  throw new AuthenticationError('it returned no { value } with the token as a string')
}
