import { InvalidArgumentError } from '@ottla/protocol'
import type { TlsOptions } from '../transport/tls-options.js'
import { nearestName } from './nearest-name.js'

const names: readonly (keyof TlsOptions)[] = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'pfx',
  'servername',
  'rejectUnauthorized',
  'minVersion',
  'maxVersion',
  'ciphers',
  'checkServerIdentity',
]

/**
 * Checks the option `tls`: true is TLS with well-known authorities, false is none. Undefined when it is neither of these nor
 * an object.
 *
 * @throws InvalidArgumentError for an unknown part, or a path where PEM text belongs.
 */
export const readTls = (input: unknown): TlsOptions | false | undefined => {
  if (typeof input === 'boolean') return input ? {} : false
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined
  for (const name of Object.keys(input)) {
    if (names.some((known) => known === name)) continue
    const nearest = nearestName(name, names)
    const hint =
      nearest === undefined ? `Known are: ${names.join(', ')}.` : `Did you mean ${nearest}?`
    throw new InvalidArgumentError(`tls has no option ${name}. ${hint}`)
  }
  const options = input as TlsOptions
  for (const name of ['ca', 'cert', 'key'] as const) checkPem(name, options[name])
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new InvalidArgumentError('tls.cert and tls.key belong together; one of them is missing')
  }
  return options
}

const checkPem = (name: string, value: TlsOptions['ca']): void => {
  for (const part of Array.isArray(value) ? value : [value]) {
    if (typeof part !== 'string' || part.includes('-----BEGIN')) continue
    throw new InvalidArgumentError(
      `tls.${name} must be PEM text; for a file, pass readFileSync(path) instead of its path`,
    )
  }
}
