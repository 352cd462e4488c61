import { bufferView } from '../bytes/buffer-view.js'
import {
  cannotDeserialize,
  cannotSerialize,
  type Serde,
  type SerdeContext,
  type SyncSerde,
} from './serde.js'

/** What libraries for schemas have in common (https://standardschema.dev), as far as it is needed here. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema says of a value: the value as it shall be, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/**
 * JSON. With a schema, data is checked by it before it is written and after it was read; a schema may be asynchronous.
 *
 * ```ts
 * const producer = new Producer({ bootstrapServers, valueSerializer: json<Position>() })
 * ```
 */
export function json<T>(): SyncSerde<T>
export function json<T>(schema: StandardSchema<unknown, T>): Serde<T>
export function json<T>(schema?: StandardSchema<unknown, T>): Serde<T> {
  if (schema === undefined) return { serialize: stringify, deserialize: parse<T> }
  const { validate } = schema['~standard']
  return {
    serialize: (data, context) =>
      settle(validate(data), (result) => {
        if (result.issues !== undefined) throw cannotSerialize(describe(result.issues), context)
        // What was given, not what the schema makes of it: reading it gives that again.
        return stringify(data, context)
      }),
    deserialize: (bytes, context) =>
      settle(validate(parse(bytes, context)), (result) => {
        if (result.issues === undefined) return result.value
        throw cannotDeserialize(describe(result.issues), context)
      }),
  }
}

/** Goes on at once where there is nothing to wait for. */
const settle = <In, Out>(input: In | Promise<In>, then: (input: In) => Out): Out | Promise<Out> =>
  input instanceof Promise ? input.then(then) : then(input)

const stringify = (data: unknown, context: SerdeContext): string => {
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (cause) {
    throw cannotSerialize(`JSON cannot hold it (${String(cause)})`, context, cause)
  }
  if (text !== undefined) return text
  throw cannotSerialize(`JSON has no ${typeof data}`, context)
}

const parse = <T>(bytes: Uint8Array, context: SerdeContext): T => {
  try {
    return JSON.parse(bufferView(bytes).toString('utf8')) as T
  } catch (cause) {
    throw cannotDeserialize(`it is not JSON (${String(cause)})`, context, cause)
  }
}

type Issues = Extract<StandardResult<unknown>, { readonly issues: readonly unknown[] }>['issues']

const describe = (issues: Issues): string =>
  issues
    .map(({ message, path = [] }) => {
      const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
      return place === '' ? message : `${place}: ${message}`
    })
    .join('; ')
