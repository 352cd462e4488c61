import { anyCodec, type Field } from '@ottla/protocol/registry'
import { FIRST_POLL } from '../client/recorder.js'
import { codecAt } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import { showPath } from '../match/show.js'
import type { PathRead } from '../run/path-read.js'
import type { Fault } from './fault.js'
import { mutationsOf, otherError, replaceAt } from './mutate.js'

/** A fault for every way to break every field that a rule has read; each place and value once. */
export function generateFaults(ruleId: string, reads: readonly PathRead[]): Fault[] {
  const faults = new Map<string, Fault>()
  for (const { exchange, path, wanted, actual } of reads) {
    const { api, version, index } = exchange
    const field = fieldAt(api.response.schema, path)
    const isError = /errorCode$/i.test(String(path.at(-1)))
    const mutations = isError ? otherError(actual, wanted) : mutationsOf(actual, wanted, field)
    const says = wanted instanceof Matcher ? wanted.says : undefined
    const correlationId = index < FIRST_POLL ? index : undefined
    for (const { kind, value } of mutations) {
      const what = kind === 'emptied' || kind === 'dropped' ? kind : `${kind} (${String(value)})`
      const name = `${api.name} ${correlationId ?? 'polled'}: ${showPath(path)} ${what}`
      const apply = (answer: unknown) => replaceAt(answer, path, value)
      const place = { api, version, correlationId }
      faults.set(name, { name, rules: [ruleId], place, path, says, apply })
    }
  }
  return [...faults.values()]
}

function fieldAt(schema: Field['codec'], path: readonly (string | number)[]): Field | undefined {
  const last = path.at(-1)
  const holder = codecAt(schema, path.slice(0, -1))
  if (holder === undefined || typeof last !== 'string') return undefined
  const known = anyCodec(holder)
  const inner = known.kind === 'nullable' ? anyCodec(known.codec) : known
  return inner.kind === 'struct' ? inner.shape[last] : undefined
}
