import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Need, needs } from './rules/need.js'
import type { Credentials, SaslListener, Security, Target, TlsSettings } from './target.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a target from a file of JSON: the fields of {@link Target} but `controls`, which are code. `tls.ca` is the path of a
 * file of PEM, from the folder of the JSON; a password may stay outside: `passwordFrom` names a variable of the environment.
 * @throws Error that names the field
 */
export function readTargetFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Partial<Target> {
  const reader = new TargetReader(path, environment)
  try {
    return reader.target(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

class TargetReader {
  readonly #path: string
  readonly #environment: Readonly<Record<string, string | undefined>>

  constructor(path: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#path = path
    this.#environment = environment
  }

  target(value: unknown): Partial<Target> {
    const keys = ['name', 'address', 'release', 'provides', 'security', 'listeners']
    const fields = struct(value, 'the file', keys)
    const { name, address, release, provides, security, listeners } = fields
    return defined({
      name: optional(name, 'name', text),
      address: optional(address, 'address', text),
      release: optional(release, 'release', text),
      provides: optional(provides, 'provides', needList),
      security: optional(security, 'security', this.#security),
      listeners: optional(listeners, 'listeners', (own, at) => {
        const { sasl, renewal } = struct(own, at, ['sasl', 'renewal'])
        return defined({
          sasl: optional(sasl, `${at}.sasl`, this.#listener),
          renewal: optional(renewal, `${at}.renewal`, this.#listener),
        })
      }),
    })
  }

  readonly #security = (value: unknown, at: string): Security => {
    const { tls, credentials } = struct(value, at, ['tls', 'credentials'])
    return defined({
      tls: optional(tls, `${at}.tls`, this.#tls),
      credentials: optional(credentials, `${at}.credentials`, this.#credentials),
    })
  }

  readonly #listener = (value: unknown, at: string): SaslListener => {
    const { address, tls, users } = struct(value, at, ['address', 'tls', 'users'])
    const known = Object.entries(anyStruct(users, `${at}.users`)).map(
      ([name, own]) => [name, this.#credentials(own, `${at}.users.${name}`)] as const,
    )
    return {
      address: text(address, `${at}.address`),
      tls: optional(tls, `${at}.tls`, this.#tls),
      users: Object.fromEntries(known),
    }
  }

  readonly #tls = (value: unknown, at: string): TlsSettings => {
    const { ca, rejectUnauthorized } = struct(value, at, ['ca', 'rejectUnauthorized'])
    const file = optional(ca, `${at}.ca`, text)
    return defined({
      ca: file && readFileSync(resolve(dirname(this.#path), file), 'utf8'),
      rejectUnauthorized: optional(rejectUnauthorized, `${at}.rejectUnauthorized`, flag),
    })
  }

  readonly #credentials = (value: unknown, at: string): Credentials => {
    const keys = ['username', 'password', 'passwordFrom', 'mechanism']
    const { username, password, passwordFrom, mechanism } = struct(value, at, keys)
    const variable = optional(passwordFrom, `${at}.passwordFrom`, text)
    return defined({
      username: text(username, `${at}.username`),
      password:
        variable === undefined
          ? text(password, `${at}.password`)
          : text(this.#environment[variable], `the variable ${variable} of ${at}.passwordFrom`),
      mechanism: optional(mechanism, `${at}.mechanism`, mechanismName),
    })
  }
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

function mechanismName(value: unknown, at: string): (typeof mechanisms)[number] {
  const found = mechanisms.find((name) => name === value)
  if (found === undefined) throw new Error(`${at} is one of ${mechanisms.join(', ')}.`)
  return found
}

function needList(value: unknown, at: string): Need[] {
  if (!Array.isArray(value)) throw new Error(`${at} is a list.`)
  return value.map((one: unknown) => {
    if (typeof one === 'string' && Object.hasOwn(needs, one)) return one as Need
    throw new Error(`${at}: there is no need '${String(one)}'; --help lists them.`)
  })
}

function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new Error(`${at} is a text, and not empty.`)
}

function flag(value: unknown, at: string): boolean {
  if (typeof value === 'boolean') return value
  throw new Error(`${at} is true or false.`)
}

function anyStruct(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Error(`${at} is an object.`)
}

function struct(value: unknown, at: string, keys: readonly string[]): Fields {
  const fields = anyStruct(value, at)
  const unknown = Object.keys(fields).filter((key) => !keys.includes(key))
  if (unknown.length === 0) return fields
  throw new Error(`${at} has no ${unknown.join(', ')}; it may have ${keys.join(', ')}.`)
}

function optional<Value>(
  value: unknown,
  at: string,
  read: (value: unknown, at: string) => Value,
): Value | undefined {
  return value === undefined ? undefined : read(value, at)
}

/** Without the fields that are undefined, so that what is spread beneath shows through. */
function defined<Value extends object>(value: Value): Value {
  const entries = Object.entries(value).filter(([, own]) => own !== undefined)
  return Object.fromEntries(entries) as Value
}
