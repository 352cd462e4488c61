import { anyCodec, type Field } from '@ottla/protocol/registry'
import type { Difference } from '../rules/rule-broken.js'
import { Matcher } from './matcher.js'
import { ListPattern } from './pattern.js'
import { show, showPath } from './show.js'

type Codec = Field['codec']
type Path = readonly (string | number)[]

/** A leaf or list that a pattern looked at, and what it wanted there: a value, or a matcher. */
export interface Read {
  /** Below a list that is searched, `*` stands for the element: where it is may change from run to run. */
  readonly path: Path
  readonly wanted: unknown
  readonly actual: unknown
}

/** What a comparison found. */
export interface Comparison {
  readonly differences: readonly Difference[]
  readonly reads: readonly Read[]
}

/** The schema of the value compared, as far as it is known. */
export interface Schema {
  readonly codec: Codec
  readonly version: number
}

/** Compares a value with a pattern, from a path on; fields that the schema's version lacks are passed over. */
export function compare(
  actual: unknown,
  pattern: unknown,
  schema?: Schema,
  path: Path = [],
): Comparison {
  const differences: Difference[] = []
  const reads: Read[] = []
  visit({ actual, pattern, codec: schema?.codec, path, readPath: path })
  return { differences, reads }

  function visit(at: Step): void {
    const { actual, pattern, path, readPath } = at
    if (pattern instanceof Matcher) return void leaf(at, pattern.matches(actual))
    if (pattern instanceof ListPattern) return void list(at, pattern)
    if (Array.isArray(pattern)) return void array(at, pattern)
    if (pattern instanceof Uint8Array || pattern === null || typeof pattern !== 'object') {
      return void leaf(at, same(actual, pattern))
    }
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      return void differ(at, show(pattern))
    }
    for (const [key, wanted] of Object.entries(pattern)) {
      if (wanted === undefined) continue
      const field = fieldOf(at.codec, key)
      if (field !== undefined && schema !== undefined && !has(field, schema.version)) continue
      const own = (actual as Record<string, unknown>)[key]
      visit({
        actual: own,
        pattern: wanted,
        codec: field?.codec,
        path: [...path, key],
        readPath: [...readPath, key],
      })
    }
  }

  function leaf(at: Step, matches: boolean): void {
    reads.push({ path: at.readPath, wanted: at.pattern, actual: at.actual })
    if (!matches) differ(at, show(at.pattern, at.path.at(-1)))
  }

  function differ({ actual, path }: Step, expected: string): void {
    differences.push({ path: showPath(path), expected, actual: show(actual, path.at(-1)) })
  }

  function array(at: Step, pattern: readonly unknown[]): void {
    const { actual } = at
    reads.push({ path: at.readPath, wanted: pattern, actual })
    if (!Array.isArray(actual)) return void differ(at, show(pattern))
    if (actual.length !== pattern.length) {
      return void differ(at, `${pattern.length} elements: ${show(pattern)}`)
    }
    pattern.forEach((wanted, index) => void visit(element(at, index, wanted)))
  }

  function without(at: Step, elements: readonly unknown[]): void {
    const { actual } = at
    reads.push({ path: at.readPath, wanted: at.pattern, actual })
    if (!Array.isArray(actual)) return void differ(at, show(at.pattern))
    actual.forEach((_, index) => {
      const unwanted = elements.find((one) => fits(element(at, index, one), schema))
      if (unwanted === undefined) return
      differ(element(at, index, unwanted), `no element like ${show(unwanted)}`)
    })
  }

  function list(at: Step, { kind, elements }: ListPattern): void {
    const { actual } = at
    if (kind === 'lacking') return void without(at, elements)
    if (elements.length > 0 || kind === 'inAnyOrder')
      reads.push({ path: at.readPath, wanted: at.pattern, actual })
    if (!Array.isArray(actual)) return void differ(at, show(at.pattern))
    if (kind === 'inAnyOrder' && actual.length !== elements.length) {
      return void differ(at, `${elements.length} elements in any order: ${show(elements)}`)
    }
    const free = new Set(actual.keys())
    for (const wanted of elements) {
      const found = [...free].find((index) => fits(element(at, index, wanted), schema))
      if (found === undefined) {
        differ(at, `an element like ${show(wanted)}`)
      } else {
        free.delete(found)
        visit(element(at, found, wanted, kind === 'containing' ? '*' : found))
      }
    }
  }
}

interface Step {
  readonly actual: unknown
  readonly pattern: unknown
  readonly codec: Codec | undefined
  readonly path: Path
  readonly readPath: Path
}

function element(
  { actual, codec, path, readPath }: Step,
  index: number,
  pattern: unknown,
  step: number | '*' = index,
): Step {
  const value: unknown = Array.isArray(actual) ? actual[index] : undefined
  return {
    actual: value,
    pattern,
    codec: elementOf(codec),
    path: [...path, index],
    readPath: [...readPath, step],
  }
}

function fits({ actual, pattern, codec }: Step, schema: Schema | undefined): boolean {
  const known = codec === undefined || schema === undefined ? undefined : { ...schema, codec }
  return compare(actual, pattern, known).differences.length === 0
}

const has = ({ range }: Field, version: number) => version >= range.min && version <= range.max

function unwrap(codec: Codec | undefined): ReturnType<typeof anyCodec> | undefined {
  if (codec === undefined) return undefined
  const known = anyCodec(codec)
  return known.kind === 'nullable' || known.kind === 'notCompact' ? unwrap(known.codec) : known
}

function fieldOf(codec: Codec | undefined, key: string): Field | undefined {
  const known = unwrap(codec)
  return known?.kind === 'struct' ? known.shape[key] : undefined
}

function elementOf(codec: Codec | undefined): Codec | undefined {
  const known = unwrap(codec)
  return known?.kind === 'array' ? known.element : undefined
}

/** The codec at a path below a schema; undefined where it leads nowhere. */
export function codecAt(codec: Codec, path: Path): Codec | undefined {
  return path.reduce<Codec | undefined>(
    (at, step) =>
      typeof step === 'number' || step === '*' ? elementOf(at) : fieldOf(at, step)?.codec,
    codec,
  )
}

/** Whether two values are the same; bytes by content, structs and lists by all they hold. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  const fieldIn = (of: object, key: string) => (of as Record<string, unknown>)[key]
  return [...keys].every((key) => same(fieldIn(a, key), fieldIn(b, key)))
}
