import { messageType, messageTypes } from '@ottla/protocol/registry'
import { describe, expect, test } from 'vitest'
import { compareSchemas } from './compare-schemas.js'
import type { KafkaSchema } from './schemas.js'

/** Kafka's JSON of the request header, which has most kinds of properties in few lines. */
const header: KafkaSchema = {
  name: 'RequestHeader',
  type: 'header',
  validVersions: '0-2',
  flexibleVersions: '2+',
  fields: [
    { name: 'RequestApiKey', type: 'int16', versions: '0+' },
    { name: 'RequestApiVersion', type: 'int16', versions: '0+' },
    { name: 'CorrelationId', type: 'int32', versions: '0+' },
    {
      name: 'ClientId',
      type: 'string',
      versions: '1+',
      nullableVersions: '1+',
      flexibleVersions: 'none',
    },
  ],
}

const ours = messageTypes().filter(({ name }) => name === 'RequestHeader')

function differences(change: (schema: KafkaSchema) => void, versions = [0, 1, 2]): string[] {
  const schema = structuredClone(header)
  change(schema)
  return compareSchemas(ours, [{ schema, versions }])
}

describe('compareSchemas', () => {
  test('finds nothing where nothing differs', () => {
    expect(messageType('RequestHeader')).toBeDefined()
    expect(differences(() => {})).toEqual([])
  })

  test.each<
    [
      string,
      (schema: KafkaSchema, client: NonNullable<KafkaSchema['fields']>[number]) => void,
      string,
    ]
  >([
    [
      'a type',
      (_, client) => Object.assign(client, { type: 'bytes' }),
      'v1, v2: /clientId: type bytes, ours string',
    ],
    [
      'null',
      (_, client) => Object.assign(client, { nullableVersions: '2+' }),
      'v1: /clientId: nullable false, ours true',
    ],
    [
      'a default',
      (_, client) => Object.assign(client, { default: 'null' }),
      'v1, v2: /clientId: default null, ours ',
    ],
    [
      'a range',
      (_, client) => Object.assign(client, { versions: '2+' }),
      'v1: /clientId: Kafka has no such field',
    ],
    [
      'a tag',
      (_, client) => Object.assign(client, { taggedVersions: '2+', tag: 4 }),
      'v2: /clientId: tag 4, ours undefined',
    ],
    [
      'compactness',
      (_, client) => Object.assign(client, { flexibleVersions: undefined }),
      'v1, v2: /clientId: compact true, ours false',
    ],
    [
      'ignorable',
      (_, client) => Object.assign(client, { ignorable: true }),
      ': /clientId: ignorable true, ours false',
    ],
    [
      'flexible',
      (schema) => Object.assign(schema, { flexibleVersions: 'none' }),
      'v2: flexible: false, ours the opposite',
    ],
    [
      'the key',
      (schema) => Object.assign(schema, { apiKey: 3 }),
      ': has the key 3, ours undefined',
    ],
    [
      'stability',
      (schema) => Object.assign(schema, { latestVersionUnstable: true }),
      ': latestVersionUnstable: true, ours the opposite',
    ],
    [
      'a new field',
      (schema) => schema.fields?.push({ name: 'New', type: '[]int32', versions: '2+' }),
      'v2: /new: we lack the field ([]int32)',
    ],
    ['the order', (schema) => schema.fields?.reverse(), 'v1, v2: fields in the order clientId'],
  ])('finds a difference in %s', (_, change, line) => {
    const found = differences((schema) => {
      const client = schema.fields?.[3]
      if (client !== undefined) change(schema, client)
    })
    expect(
      found.some((one) =>
        one.replace('RequestHeader', '').trimStart().startsWith(line.trimStart()),
      ),
    ).toBe(true)
  })

  test('finds versions and messages that one side lacks', () => {
    expect(differences(() => {}, [0, 1])).toEqual(['RequestHeader v2: Kafka has no such version'])
    expect(differences(() => {}, [0, 1, 2, 3])).toEqual(['RequestHeader v3: we lack the version'])
    expect(compareSchemas(ours, [])).toEqual(['RequestHeader: Kafka has no such message'])
    expect(compareSchemas([], [{ schema: header, versions: [0, 1, 2] }])).toEqual([
      'RequestHeader: we lack it (3 versions)',
    ])
  })
})
