import { Reader } from '../bytes/reader.js'
import { Writer } from '../bytes/writer.js'
import { UnsupportedVersionError } from '../errors.js'
import type { Codec, Plan } from './codec.js'
import { placeError } from './path.js'
import { type Shape, type Struct, type StructInput, type StructValue, struct } from './struct.js'
import { includesVersion, parseVersions, type VersionRange, type Versions } from './versions.js'

/**
 * What a message is on the wire: half of an API, a header, a record of a log, or data inside
 * another field.
 */
export type MessageKind =
  | 'request'
  | 'response'
  | 'header'
  | 'metadata'
  | 'coordinator-key'
  | 'coordinator-value'
  | 'data'

/** How a message is declared. */
export interface MessageOptions<S extends Shape, Name extends string = string> {
  readonly name: Name
  /** Key of the API, or type of the record; left out where Kafka gives none. */
  readonly apiKey?: number
  /** Every version there has been, with those that newer brokers dropped. */
  readonly versions: VersionRange
  /** Versions in the compact encoding with tagged fields (KIP-482). */
  readonly flexible: VersionRange
  /**
   * The newest version may still change: brokers hide it unless `unstable.api.versions.enable` is
   * set.
   */
  readonly latestVersionUnstable?: boolean
  readonly shape: S
}

/** One version of a message. */
export interface MessageCodec<Value, Input> {
  /**
   * Bytes of a message, without frame or header. Throws a `WireError` when a value does not fit the
   * schema.
   */
  encode(input: Input): Uint8Array
  /**
   * Reads a whole message; bytes left over throw a `WireError`. Byte fields are views of `bytes`.
   */
  decode(bytes: Uint8Array): Value
  /** Appends the message to what was already written. */
  write(writer: Writer, input: Input): void
  /** Reads the message at the reader's offset and leaves the reader after it. */
  read(reader: Reader): Value
}

/**
 * A message in all its versions. One value type serves them all: a field that a version lacks holds
 * its default.
 */
export interface MessageType<Value = unknown, Input = unknown> {
  readonly name: string
  readonly kind: MessageKind
  readonly apiKey: number | undefined
  readonly versions: Versions
  readonly latestVersionUnstable: boolean
  /** The fields, for tools that walk schemas. */
  readonly schema: Codec & { readonly kind: 'struct'; readonly shape: Shape }
  /** Exists for the type checker only. */
  readonly '~types'?: { readonly value: Value; readonly input: Input }
  /** Whether a version uses the compact encoding with tagged fields. */
  flexible(version: number): boolean
  /**
   * The codec of one version, compiled on first use. Throws `UnsupportedVersionError` outside
   * `versions`.
   */
  at(version: number): MessageCodec<Value, Input>
}

/** What {@link message} returns: a message type that keeps its name and fields in the types. */
export interface Message<S extends Shape, Name extends string = string>
  extends MessageType<StructValue<S>, StructInput<S>> {
  readonly name: Name
  readonly schema: Struct<S>
}

/**
 * Declares a message. Fields of all versions share one shape; ranges on the fields say which
 * version has what.
 *
 * @example
 * const Ping = message({
 *   name: 'PingRequest', apiKey: 99, versions: '0-1', flexible: '1+',
 *   shape: { text: field('0+', string), count: field('1+', int32, { default: 1 }) },
 * })
 * Ping.at(1).decode(Ping.at(1).encode({ text: 'hello' })) // { text: 'hello', count: 1 }
 */
// @__NO_SIDE_EFFECTS__
export function message<const S extends Shape, const Name extends string>(
  options: MessageOptions<S, Name>,
): Message<S, Name> {
  const { name, apiKey, shape, latestVersionUnstable = false } = options
  const versions = parseVersions(options.versions)
  const flexible = parseVersions(options.flexible)
  const schema = struct(shape)
  const codecs: MessageCodec<StructValue<S>, StructInput<S>>[] = []
  const compile = (version: number): MessageCodec<StructValue<S>, StructInput<S>> => {
    if (!(version >= versions.min && version <= versions.max && Number.isInteger(version))) {
      throw new UnsupportedVersionError(
        `${name} has versions ${versions.min} to ${versions.max}, not ${version}`,
      )
    }
    const plan = schema.compile({ version, flexible: includesVersion(flexible, version) })
    const codec = messageCodec(plan, name, version)
    codecs[version] = codec
    return codec
  }
  return {
    name,
    kind: kindOf(name, apiKey),
    apiKey,
    versions,
    latestVersionUnstable,
    schema,
    flexible: (version) => includesVersion(flexible, version),
    at: (version) => codecs[version] ?? compile(version),
  }
}

/**
 * Kafka's names tell what a message is; records of the metadata log are those `…Record`s that have
 * a number.
 */
function kindOf(name: string, apiKey: number | undefined): MessageKind {
  if (name.endsWith('Header')) return 'header'
  if (apiKey === undefined) return 'data'
  if (name.endsWith('Request')) return 'request'
  if (name.endsWith('Response')) return 'response'
  if (name.endsWith('Key')) return 'coordinator-key'
  return name.endsWith('Value') ? 'coordinator-value' : 'metadata'
}

/** Shared by all `encode` calls; encoding is synchronous and never nests. */
let shared: Writer | undefined
const KEEP_BYTES = 1 << 20

function messageCodec<Value, Input>(
  plan: Plan<Value, Input>,
  messageName: string,
  version: number,
): MessageCodec<Value, Input> {
  const write = (writer: Writer, input: Input): void => {
    try {
      plan.write(writer, input)
    } catch (error) {
      throw placeError(error, { messageName, version })
    }
  }
  const read = (reader: Reader): Value => {
    try {
      return plan.read(reader)
    } catch (error) {
      throw placeError(error, { messageName, version, offset: reader.offset })
    }
  }
  return {
    write,
    read,
    encode(input) {
      const writer = shared ?? new Writer()
      shared = undefined
      writer.reset()
      write(writer, input)
      const bytes = writer.finish()
      if (bytes.length <= KEEP_BYTES) shared = writer
      return bytes
    },
    decode(bytes) {
      const reader = new Reader(bytes)
      const value = read(reader)
      if (reader.remaining > 0) {
        const error = reader.fail(`${reader.remaining} bytes after the message`)
        throw placeError(error, { messageName, version })
      }
      return value
    },
  }
}
