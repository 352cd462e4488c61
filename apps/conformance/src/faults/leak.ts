import { anyCodec, type Field } from '@ottla/protocol/registry'
import { codecAt } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import type { Mutation } from './mutate.js'

type Codec = Field['codec']

/** Lists with one element more: one of those that a rule says are not in it. */
export function leaksInto(
  actual: readonly unknown[],
  unwanted: readonly unknown[],
  codec: Codec | undefined,
): Mutation[] {
  const other = actual[0] ?? emptyElement(codec)
  return unwanted.map((one) => ({ kind: 'leaked', value: [...actual, elementLike(one, other)] }))
}

/** A list that has its first element twice, or an empty one where it has none. */
export function oneMore(actual: readonly unknown[], codec: Codec | undefined): Mutation {
  return { kind: 'one more', value: [...actual, actual[0] ?? emptyElement(codec)] }
}

/** What a pattern says of an element, and for the rest what another one has. */
function elementLike(pattern: unknown, other: unknown): unknown {
  if (typeof pattern !== 'object' || pattern === null) return pattern
  const said = Object.entries(pattern).filter(([, value]) => !(value instanceof Matcher))
  return { ...(other as object), ...Object.fromEntries(said) }
}

/** An element of a list in which every field has its default. */
function emptyElement(codec: Codec | undefined): unknown {
  const element = codec && codecAt(codec, [0])
  const known = element && anyCodec(element)
  if (known?.kind !== 'struct') return known?.kind === 'string' ? '' : 0
  const fields = Object.entries(known.shape as Readonly<Record<string, Field>>)
  return Object.fromEntries(fields.map(([name, field]) => [name, field.absent()]))
}
