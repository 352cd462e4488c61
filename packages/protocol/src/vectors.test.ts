import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { messageType, messageTypes } from './registry.js'
import {
  anyCodec,
  type Codec,
  includesVersion,
  type MessageType,
  type UnknownTaggedField,
} from './schema/index.js'

/** Bytes written by Kafka's own Java classes; test/apache-kafka/README.md says how to read the files. */
const folder = new URL('../../../test/apache-kafka/vectors/messages/', import.meta.url)

interface VectorFile {
  readonly message: string
  readonly type: string
  readonly apiKey?: number
  readonly vectors: readonly {
    readonly mode: string
    readonly versions: readonly number[]
    readonly bytes: string
    readonly value: unknown
  }[]
}

const files = readdirSync(fileURLToPath(folder)).map(
  (name): VectorFile => JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
)

/** All (message, version) pairs of Kafka 4.4 and of 3.9's dropped versions. */
const PAIRS = 852

describe('golden vectors', () => {
  test('cover every version of every message', () => {
    const covered = new Set(
      files.flatMap(({ message, vectors }) =>
        vectors.flatMap(({ versions }) => versions.map((version) => `${message} v${version}`)),
      ),
    )
    const ours = messageTypes().flatMap(pairsOf)
    expect(ours.filter((pair) => !covered.has(pair))).toEqual([])
    expect([...covered].filter((pair) => !ours.includes(pair))).toEqual([])
    expect(ours).toHaveLength(PAIRS)
  })

  test.each(files)('$message', (file) => {
    const type = messageType(file.message)
    if (type === undefined) throw new Error(`no message ${file.message}`)
    expect([type.kind, type.apiKey]).toEqual([file.type, file.apiKey])
    for (const { mode, versions, bytes, value } of file.vectors) {
      for (const version of versions) {
        const label = `${type.name} v${version} ${mode}`
        const codec = type.at(version)
        const decoded = codec.decode(Buffer.from(bytes, 'hex'))
        expect(toVector(type.schema, decoded, version), label).toEqual(value)
        expect(hex(codec.encode(decoded)), `${label}, decoded and encoded`).toBe(bytes)
        expect(hex(codec.encode(fromVector(type.schema, value))), label).toBe(bytes)
      }
    }
  })
})

function pairsOf({ name, versions: { min, max } }: MessageType): string[] {
  return Array.from({ length: max - min + 1 }, (_, index) => `${name} v${min + index}`)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/**
 * Values as the golden vectors write them in JSON: int64 as a decimal string, bytes in hex, only the fields of the version.
 */
function toVector(type: Codec, value: unknown, version: number): unknown {
  const codec = anyCodec(type)
  if (value === null) return null
  switch (codec.kind) {
    case 'int64':
      return String(value)
    case 'bytes':
    case 'records':
      return Buffer.from(value as Uint8Array).toString('hex')
    case 'nullable':
    case 'notCompact':
      return toVector(codec.codec, value, version)
    case 'array':
      return (value as unknown[]).map((one) => toVector(codec.element, one, version))
    case 'struct': {
      const fields = value as Record<string, unknown>
      const present = Object.entries(codec.shape).filter(([, { range }]) =>
        includesVersion(range, version),
      )
      const unknown = fields.unknownTaggedFields as UnknownTaggedField[] | undefined
      return {
        ...Object.fromEntries(
          present.map(([name, field]) => [name, toVector(field.codec, fields[name], version)]),
        ),
        ...(unknown && {
          unknownTaggedFields: unknown.map(({ tag, data }) => ({
            tag,
            data: Buffer.from(data).toString('hex'),
          })),
        }),
      }
    }
    default:
      return value
  }
}

/** The inverse of {@link toVector}: a value as our codecs take it. */
function fromVector(type: Codec, value: unknown): unknown {
  const codec = anyCodec(type)
  if (value === null) return null
  switch (codec.kind) {
    case 'int64':
      return BigInt(value as string)
    case 'bytes':
    case 'records':
      return Buffer.from(value as string, 'hex')
    case 'nullable':
    case 'notCompact':
      return fromVector(codec.codec, value)
    case 'array':
      return (value as unknown[]).map((one) => fromVector(codec.element, one))
    case 'struct':
      return Object.fromEntries(
        Object.entries(value as object).map(([name, own]) => [
          name,
          name === 'unknownTaggedFields' ? unknownTags(own) : known(codec.shape, name, own),
        ]),
      )
    default:
      return value
  }
}

function known(shape: Record<string, { codec: Codec }>, name: string, value: unknown): unknown {
  const field = shape[name]
  if (field === undefined) throw new Error(`the schema has no field ${name}`)
  return fromVector(field.codec, value)
}

function unknownTags(tags: { tag: number; data: string }[]): UnknownTaggedField[] {
  return tags.map(({ tag, data }) => ({ tag, data: Buffer.from(data, 'hex') }))
}
