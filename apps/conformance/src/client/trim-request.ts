import { anyCodec, type Field } from '@ottla/protocol/registry'
import type { AnyApi } from './any-api.js'

const has = ({ range }: Field, version: number) => version >= range.min && version <= range.max

/**
 * A request without the fields that a version lacks, so that one body serves all versions of a rule. A rule about a
 * field says from which version on it holds.
 */
export function trimRequest(api: AnyApi, version: number, body: unknown): unknown {
  return trim(api.request.schema, version, body)
}

function trim(codec: Field['codec'], version: number, value: unknown): unknown {
  const known = anyCodec(codec)
  if (value === null || value === undefined) return value
  switch (known.kind) {
    case 'array':
      return Array.isArray(value) ? value.map((one) => trim(known.element, version, one)) : value
    case 'nullable':
    case 'notCompact':
      return trim(known.codec, version, value)
    case 'struct':
      return typeof value === 'object' ? trimStruct(known.shape, version, value) : value
    default:
      return value
  }
}

function trimStruct(shape: Readonly<Record<string, Field>>, version: number, value: object) {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, own]) => {
      const field = shape[name]
      if (field === undefined) return [[name, own]]
      return has(field, version) ? [[name, trim(field.codec, version, own)]] : []
    }),
  )
}
