import { InvalidArgumentError, WireError } from '../errors.js'

/** What a PLAIN token holds (RFC 4616). */
export interface PlainCredentials {
  readonly username: string
  readonly password: string
  /** Whom to act as; empty (the default) for the user itself. */
  readonly authorizationId?: string
}

/** Writes a PLAIN token: authorization id, user and password in UTF-8, NUL between them. */
export const encodePlain = (credentials: PlainCredentials): Uint8Array => {
  const { username, password, authorizationId = '' } = credentials
  for (const part of [username, password, authorizationId]) {
    if (part.includes('\0')) {
      throw new InvalidArgumentError('user name and password of SASL/PLAIN cannot hold a NUL')
    }
  }
  return Buffer.from(`${authorizationId}\0${username}\0${password}`)
}

/** Reads a PLAIN token, as a server does. Throws WireError when it has not three parts or no user. */
export const decodePlain = (token: Uint8Array): Required<PlainCredentials> => {
  const parts = Buffer.from(token).toString('utf8').split('\0')
  const [authorizationId, username, password] = parts
  if (
    parts.length !== 3 ||
    authorizationId === undefined ||
    username === undefined ||
    password === undefined ||
    username === ''
  ) {
    throw new WireError({
      message: 'the token is not authorization id, user and password with NULs between them',
      messageName: 'SASL/PLAIN',
    })
  }
  return { authorizationId, username, password }
}
