import { errorInfo } from '@ottla/protocol'

const MAX_BYTES = 48
const MAX_ELEMENTS = 20

/** A path as code would write it: `topics[0].name`. */
export function showPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number' || step === '*') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** A value for people: bytes in hex, bigints with an n, error codes with their names. */
export function show(value: unknown, key: string | number | undefined = undefined): string {
  if (typeof value === 'number' && typeof key === 'string' && /errorCode$/i.test(key)) {
    return `${value} (${errorInfo(value).name})`
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `'${value}'`
  if (value instanceof Uint8Array) return showBytes(value)
  if (Array.isArray(value)) return showList(value)
  if (typeof value === 'object' && value !== null) return showStruct(value)
  return String(value)
}

function showBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, MAX_BYTES)).toString('hex')
  return `<${bytes.length} bytes ${hex}${bytes.length > MAX_BYTES ? '…' : ''}>`
}

function showList(values: readonly unknown[]): string {
  const shown = values.slice(0, MAX_ELEMENTS).map((value) => show(value))
  const rest = values.length - shown.length
  return `[${[...shown, ...(rest > 0 ? [`… ${rest} more`] : [])].join(', ')}]`
}

function showStruct(value: object): string {
  const says: unknown = 'says' in value ? value.says : undefined
  if (typeof says === 'string') return says
  if ('kind' in value && 'elements' in value) return `${value.kind}(${show(value.elements)})`
  const fields = Object.entries(value).map(([key, own]) => `${key}: ${show(own, key)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
