import { readFileSync } from 'node:fs'

/** A certificate or key of `certificates/fixtures` (made by `certificates/make.sh`) as PEM text. */
export const pem = (name: 'ca' | `${'server' | 'client' | 'self-signed'}${'' | '-key'}`): string =>
  readFileSync(new URL(`certificates/fixtures/${name}.pem`, import.meta.url), 'utf8')
