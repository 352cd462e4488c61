import { messageTypes } from '@ottla/protocol/registry'
import { beforeAll, describe, expect, test } from 'vitest'
import { compareSchemas } from './compare-schemas.js'
import { brokerJars, CURRENT_RELEASE, LAST_3_RELEASE } from './jar-sets.js'
import { joinReleases, type SchemaVersions } from './pairs.js'
import { requires } from './requires.js'
import { type KafkaField, readSchemas } from './schemas.js'

describe.runIf(requires('java', 'maven'))('the schema check', () => {
  let kafka: SchemaVersions[]

  beforeAll(async () => {
    const current = await readSchemas(await brokerJars(CURRENT_RELEASE))
    const older = await readSchemas(await brokerJars(LAST_3_RELEASE))
    const pairs = joinReleases(current, older)
    kafka = [...pairs.current, ...pairs.dropped]
  })

  /** What the check says when Kafka's schema of a message were another. */
  function differencesAfter(name: string, change: (entry: SchemaVersions) => void): string[] {
    const changed = structuredClone(kafka)
    const entry = changed.find(({ schema }) => schema.name === name)
    if (entry === undefined) throw new Error(`no schema ${name}`)
    change(entry)
    return compareSchemas(messageTypes(), changed)
  }

  const field = ({ schema }: SchemaVersions, name: string): KafkaField => {
    const found = schema.fields?.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no field ${name}`)
    return found
  }

  test('finds no difference from Kafka as it is', () => {
    expect(compareSchemas(messageTypes(), kafka)).toEqual([])
  })

  test('names a message that we lack', () => {
    const differences = differencesAfter('FetchRequest', ({ schema }) => {
      schema.name = 'TeleportRequest'
    })
    expect(differences).toContainEqual(expect.stringContaining('TeleportRequest'))
  })

  test('names a version that we lack', () => {
    const differences = differencesAfter('MetadataRequest', ({ versions }) => versions.push(99))
    expect(differences).toEqual(['MetadataRequest v99: we lack the version'])
  })

  test('names a field that we lack, and its versions', () => {
    const differences = differencesAfter('HeartbeatRequest', ({ schema }) => {
      schema.fields?.push({ name: 'Mood', type: 'int8', versions: '4+' })
    })
    expect(differences).toEqual(['HeartbeatRequest v4: /mood: we lack the field (int8)'])
  })

  test.each<[string, Partial<KafkaField>]>([
    ['type', { type: 'int64' }],
    ['nullable', { nullableVersions: '0+' }],
    ['default', { default: '7' }],
    ['ignorable', { ignorable: true }],
    ['tag', { tag: 3, taggedVersions: '9+' }],
  ])('names a field whose %s is another', (property, change) => {
    const differences = differencesAfter('ProduceRequest', (entry) => {
      Object.assign(field(entry, 'TimeoutMs'), change)
    })
    expect(differences.length).toBeGreaterThan(0)
    for (const line of differences) {
      expect(line).toMatch(new RegExp(`^ProduceRequest.*/timeoutMs: ${property}`))
    }
  })

  test('names a message that became flexible', () => {
    const differences = differencesAfter('HeartbeatRequest', ({ schema }) => {
      schema.flexibleVersions = '3+'
    })
    expect(differences).toEqual([expect.stringMatching(/^HeartbeatRequest v3: flexible/)])
  })
})
