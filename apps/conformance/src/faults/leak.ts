import { anyCodec, type Field } from '@ottla/protocol/registry'
import { codecAt } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import type { ListPattern } from '../match/pattern.js'
import type { Mutation } from './mutate.js'

/** Lists with one element more: one of those that a pattern says are not in it. */
export function leaksInto(
  actual: unknown,
  { kind, elements }: ListPattern,
  codec: Field['codec'] | undefined,
): Mutation[] {
  if (kind !== 'lacking' || !Array.isArray(actual)) return []
  const element = codec && codecAt(codec, [0])
  return elements.map((unwanted) => ({
    kind: 'leaked',
    value: [...actual, elementLike(unwanted, actual[0] ?? emptyOf(element))],
  }))
}

/** What a pattern says of an element, and for the rest what another one has. */
function elementLike(pattern: unknown, other: unknown): unknown {
  if (typeof pattern !== 'object' || pattern === null) return pattern
  const said = Object.entries(pattern).filter(([, value]) => !(value instanceof Matcher))
  return { ...(other as object), ...Object.fromEntries(said) }
}

function emptyOf(codec: Field['codec'] | undefined): object {
  const known = codec && anyCodec(codec)
  if (known?.kind !== 'struct') return {}
  const fields = Object.entries(known.shape as Readonly<Record<string, Field>>)
  return Object.fromEntries(fields.map(([name, field]) => [name, field.absent()]))
}
