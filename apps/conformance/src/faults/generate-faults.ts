import { anyCodec, type Field } from '@ottla/protocol/registry'
import type { AnyApi } from '../client/any-api.js'
import { loopOf } from '../client/recorder.js'
import { codecAt } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import { ListPattern } from '../match/pattern.js'
import { show, showPath } from '../match/show.js'
import type { PathRead } from '../run/path-read.js'
import type { Fault, Rename } from './fault.js'
import { leaksInto, oneMore } from './leak.js'
import { type Mutation, mutationsOf, otherError, replaceAt } from './mutate.js'

/** A fault for every way to break every field that a rule has read; each place and value once. */
export function generateFaults(ruleId: string, reads: readonly PathRead[]): Fault[] {
  const faults = new Map<string, Fault>()
  for (const read of reads) {
    const { exchange, path, wanted } = read
    const { api, version, index } = exchange
    const says = wanted instanceof Matcher ? wanted.says : undefined
    const loop = loopOf(index)
    const place = { api, version, correlationId: loop === undefined ? index : undefined, loop }
    const where = loop === undefined ? `${index}` : `loop ${loop}`
    for (const { kind, value } of waysToBreak(read)) {
      const what = kindsThatSayAll.includes(kind) ? kind : `${kind} (${shown(kind, value)})`
      const name = `${api.name} ${where}: ${showPath(path)} ${what}`
      const apply = (answer: unknown, _: AnyApi, named: Rename) =>
        replaceAt(answer, path, named(value))
      faults.set(name, { name, rules: [ruleId], place, path, says, apply })
    }
  }
  return [...faults.values()]
}

const kindsThatSayAll: readonly Mutation['kind'][] = ['dropped', 'emptied', 'one more']

/** The broken value; of a list into which something leaked, that: several may, each another fault. */
const shown = (kind: Mutation['kind'], value: unknown) =>
  show(kind === 'leaked' && Array.isArray(value) ? value.at(-1) : value)

function waysToBreak(read: PathRead): Mutation[] {
  const { exchange, path, wanted, actual } = read
  const { schema } = exchange.api.response
  if (Array.isArray(actual)) return waysToBreakList(read, actual)
  if (/errorCode$/i.test(String(path.at(-1)))) return otherError(actual, wanted)
  return mutationsOf(actual, wanted, fieldAt(schema, path))
}

/** Lists that may have other elements besides get none more. */
function waysToBreakList(
  { exchange, path, wanted }: PathRead,
  actual: readonly unknown[],
): Mutation[] {
  const { schema } = exchange.api.response
  const codec = codecAt(schema, path)
  const kind = wanted instanceof ListPattern ? wanted.kind : 'whole'
  if (wanted instanceof ListPattern && kind === 'lacking')
    return leaksInto(actual, wanted.elements, codec)
  const mutations = mutationsOf(actual, wanted, fieldAt(schema, path))
  const isWhole = !(wanted instanceof Matcher) && kind !== 'containing'
  return isWhole ? [...mutations, oneMore(actual, codec)] : mutations
}

function fieldAt(schema: Field['codec'], path: readonly (string | number)[]): Field | undefined {
  const last = path.at(-1)
  const holder = codecAt(schema, path.slice(0, -1))
  if (holder === undefined || typeof last !== 'string') return undefined
  const known = anyCodec(holder)
  const inner = known.kind === 'nullable' ? anyCodec(known.codec) : known
  return inner.kind === 'struct' ? inner.shape[last] : undefined
}
