import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import type { Jars } from './maven.js'

/** A field of one of Kafka's message schemas, as its JSON has it. */
export interface KafkaField {
  name: string
  type: string
  versions?: string
  taggedVersions?: string
  tag?: number
  nullableVersions?: string
  flexibleVersions?: string
  default?: string | number | boolean
  ignorable?: boolean
  mapKey?: boolean
  zeroCopy?: boolean
  entityType?: string
  about?: string
  fields?: KafkaField[]
}

/** One of Kafka's message schemas, as its JSON has it. */
export interface KafkaSchema {
  name: string
  type:
    | 'request'
    | 'response'
    | 'header'
    | 'data'
    | 'metadata'
    | 'coordinator-key'
    | 'coordinator-value'
  apiKey?: number
  validVersions: string
  flexibleVersions?: string
  latestVersionUnstable?: boolean
  listeners?: string[]
  commonStructs?: { name: string; versions: string; fields: KafkaField[] }[]
  fields?: KafkaField[]
}

/** Schemas of what crosses the wire or is kept in a log; not the tiered-storage ones under `message/`. */
const SCHEMA_PATH = /^common\/(message|metadata)\/\w+\.json$/

/** Every schema inside these jars, sorted by name. */
export async function readSchemas(jars: Jars): Promise<KafkaSchema[]> {
  const schemas: KafkaSchema[] = []
  for (const file of jars.files.filter((name) => name.startsWith('kafka-'))) {
    const entries = unzipSync(await readFile(join(jars.folder, file)), {
      filter: (entry) => SCHEMA_PATH.test(entry.name),
    })
    for (const bytes of Object.values(entries)) {
      schemas.push(parseSchema(strFromU8(bytes)))
    }
  }
  return schemas.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * One schema file. Its comments go, and so does a default of JSON's null: Kafka's generator takes only the string
 * "null" as a default of null, and this as no default, so such fields are empty and not null in the Java classes.
 */
export function parseSchema(text: string): KafkaSchema {
  const withoutNulls = (key: string, value: unknown) =>
    key === 'default' && value === null ? undefined : value
  return JSON.parse(stripComments(text), withoutNulls) as KafkaSchema
}

/** Takes `//` comments out of JSON, but not out of its strings. */
function stripComments(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\/\/.*$/gm, '$1')
}

/** The versions of a range without an open end: `3`, `0-4`, `none`. */
export function versionsOf(range: string): number[] {
  if (range === 'none') return []
  const [first = 0, last = first] = range.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
