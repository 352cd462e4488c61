import type { TokenIdentity } from './oauthbearer-exchange.js'

const decodeJson = (part: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('a part of the token is not a JSON object')
  }
  return value as Record<string, unknown>
}

/**
 * Reads a JWT without a signature (`alg: none`), as Kafka does when OAUTHBEARER is enabled and nothing else is said:
 * anyone can make one, so this is for tests only. The user is the claim `sub`; `exp` is required, `iat` must not be
 * later than `exp`.
 * @throws Error that says what is wrong with the token.
 */
export const readUnsecuredToken = (token: string, nowMs: number): TokenIdentity => {
  const parts = token.split('.')
  const [header = '', payload = '', signature] = parts
  if (parts.length !== 3) throw new Error('the token is not header.payload.signature')
  if (signature !== '') throw new Error('an unsecured token has no signature')
  if (decodeJson(header).alg !== 'none') throw new Error('the algorithm of the token is not none')
  const { sub, exp, iat } = decodeJson(payload)
  if (typeof sub !== 'string' || sub.trim() === '') throw new Error('the token has no subject')
  if (typeof exp !== 'number') throw new Error('the token has no expiration time')
  const expiresAtMs = Math.round(exp * 1000)
  if (expiresAtMs <= nowMs) throw new Error('the token has expired')
  if (iat !== undefined && typeof iat !== 'number') throw new Error('iat is not a number')
  if (iat !== undefined && iat > exp) throw new Error('the token was issued after it expires')
  return { user: sub, expiresAtMs }
}
