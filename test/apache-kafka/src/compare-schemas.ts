import type { MessageType } from '@ottla/protocol'
import type { SchemaVersions } from './pairs.js'
import { type FieldFacts, kafkaFacts, ourFacts } from './schema-facts.js'

/** Everything of a field that must agree in each version; `ignorable` is compared apart. */
const PROPERTIES = ['type', 'nullable', 'tag', 'default', 'compact'] as const

/**
 * Compares our messages with Kafka's JSON, version by version and field by field. Returns one line
 * per difference, with the versions it concerns: a message, version or field that one side lacks,
 * another order of fields, or a property that differs. A message may stand in `kafka` twice, its
 * newest definition first; `ignorable` says what happens in versions without the field, so the
 * newest definition that has the field decides on it.
 */
export function compareSchemas(
  ours: readonly MessageType[],
  kafka: readonly SchemaVersions[],
): string[] {
  const byName = new Map(ours.map((message) => [message.name, message]))
  const known = new Map<string, SchemaVersions[]>()
  for (const one of kafka) {
    known.set(one.schema.name, [...(known.get(one.schema.name) ?? []), one])
  }
  const lines = [...known].flatMap(([name, definitions]) => {
    const message = byName.get(name)
    const count = definitions.flatMap(({ versions }) => versions).length
    return message === undefined
      ? [`${name}: we lack it (${count} versions)`]
      : compareMessage(message, definitions)
  })
  const extra = ours.filter(({ name }) => !known.has(name))
  return [...lines, ...extra.map(({ name }) => `${name}: Kafka has no such message`)]
}

function compareMessage(message: MessageType, definitions: readonly SchemaVersions[]): string[] {
  const found = new Findings()
  const theirs = new Set<number>()
  const ignorable = new Map<string, boolean>()
  for (const { schema, versions } of definitions) {
    if (schema.type !== message.kind) found.add(`is a ${schema.type}, ours a ${message.kind}`)
    if (schema.apiKey !== message.apiKey) {
      found.add(`has the key ${schema.apiKey}, ours ${message.apiKey}`)
    }
    for (const version of versions) {
      theirs.add(version)
      if (version < message.versions.min || version > message.versions.max) {
        found.add('we lack the version', version)
        continue
      }
      if (isFlexible(schema.flexibleVersions, version) !== message.flexible(version)) {
        found.add(`flexible: ${!message.flexible(version)}, ours the opposite`, version)
      }
      const expected = kafkaFacts(schema, version)
      compareFields(ourFacts(message, version), expected, version, found)
      for (const fact of expected) {
        if (!ignorable.has(fact.path)) ignorable.set(fact.path, fact.ignorable)
      }
    }
  }
  compareIgnorable(message, ignorable, found)
  const newest = definitions[0]?.schema
  if ((newest?.latestVersionUnstable ?? false) !== message.latestVersionUnstable) {
    found.add(`latestVersionUnstable: ${!message.latestVersionUnstable}, ours the opposite`)
  }
  for (let version = message.versions.min; version <= message.versions.max; version++) {
    if (!theirs.has(version)) found.add('Kafka has no such version', version)
  }
  return found.lines(message.name)
}

function compareFields(
  ours: readonly FieldFacts[],
  theirs: readonly FieldFacts[],
  version: number,
  found: Findings,
): void {
  const byPath = new Map(ours.map((fact) => [fact.path, fact]))
  for (const expected of theirs) {
    const own = byPath.get(expected.path)
    if (own === undefined) {
      found.add(`/${expected.path}: we lack the field (${expected.type})`, version)
      continue
    }
    for (const property of PROPERTIES) {
      if (own[property] === expected[property]) continue
      found.add(`/${own.path}: ${property} ${expected[property]}, ours ${own[property]}`, version)
    }
  }
  const paths = theirs.map(({ path }) => path)
  const both = ours.map(({ path }) => path).filter((path) => paths.includes(path))
  for (const { path } of ours) {
    if (!paths.includes(path)) found.add(`/${path}: Kafka has no such field`, version)
  }
  if (both.length === paths.length && both.some((path, index) => path !== paths[index])) {
    found.add(`fields in the order ${paths.join(', ')}; ours ${both.join(', ')}`, version)
  }
}

function compareIgnorable(
  message: MessageType,
  theirs: ReadonlyMap<string, boolean>,
  found: Findings,
): void {
  const seen = new Set<string>()
  for (let version = message.versions.min; version <= message.versions.max; version++) {
    for (const { path, ignorable } of ourFacts(message, version)) {
      const expected = theirs.get(path)
      if (seen.has(path) || expected === undefined) continue
      seen.add(path)
      if (ignorable !== expected) found.add(`/${path}: ignorable ${expected}, ours ${ignorable}`)
    }
  }
}

function isFlexible(range: string | undefined, version: number): boolean {
  const first = /^(\d+)\+$/.exec(range ?? 'none')?.[1]
  return first !== undefined && version >= Number(first)
}

/** Differences of one message; the same one in several versions becomes one line. */
class Findings {
  readonly #versions = new Map<string, number[]>()

  add(text: string, version?: number): void {
    const versions = this.#versions.get(text) ?? []
    if (version !== undefined && !versions.includes(version)) versions.push(version)
    this.#versions.set(text, versions)
  }

  lines(name: string): string[] {
    return [...this.#versions].map(([text, versions]) => {
      const sorted = versions.sort((a, b) => a - b)
      return sorted.length === 0 ? `${name}: ${text}` : `${name} v${sorted.join(', v')}: ${text}`
    })
  }
}
