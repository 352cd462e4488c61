import { WireError } from '../errors.js'

/** Writes `=` and `,` of a user name as `=3D` and `=2C`, as SCRAM and OAUTHBEARER want it. */
export const escapeName = (name: string): string =>
  name.replaceAll('=', '=3D').replaceAll(',', '=2C')

/** Reads an escaped user name. Throws WireError for any other use of `=`. */
export const unescapeName = (text: string): string => {
  if (/=(?!2C|3D)/.test(text))
    throw new WireError({
      message: 'a name holds a "=" that stands for nothing',
      messageName: 'SASL',
    })
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}
