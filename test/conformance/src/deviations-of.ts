import { isDeepStrictEqual } from 'node:util'
import type { Deviation, Result } from '@ottla/conformance'
import type { SetUpReport } from './run-set-ups.js'

const MAX_REASON = 160

/**
 * The list of known deviations after a run: those that there were, without what the target follows by now, and one for each
 * rule that failed anew, sorted by what was seen: a start, to be put into words.
 */
export function deviationsOf(
  reports: readonly SetUpReport[],
  known: readonly Deviation[],
): Deviation[] {
  const byRule = new Map<string, Result[]>()
  for (const { report } of reports) {
    for (const result of report.results) {
      if (result.version === undefined) continue
      byRule.set(result.rule.id, [...(byRule.get(result.rule.id) ?? []), result])
    }
  }
  const all = [...byRule.values()].flat()
  const kept = known.flatMap((one) => stillSo(one, all))
  const found = [...byRule].flatMap(([rule, results]) => newDeviation(rule, results))
  const order = (a: Deviation, b: Deviation) =>
    compareTexts(a.reason, b.reason) || compareTexts(a.rule, b.rule)
  return [...kept, ...found.sort(order)]
}

/** A known deviation as it is, unless the target follows the rule: then what is left of it. */
function stillSo(known: Deviation, results: readonly Result[]): Deviation[] {
  const followed = results.filter(({ outdated }) => isDeepStrictEqual(outdated, known))
  if (followed.length === 0) return [known]
  const failed = results.filter(({ deviation }) => isDeepStrictEqual(deviation, known))
  if (known.rule.includes('*')) return failed.length === 0 ? [] : [known]
  const isOver = new Set(followed.map(({ version }) => version))
  const versions = (known.versions ?? versionsOf(failed)).filter((version) => !isOver.has(version))
  return versions.length === 0 ? [] : [{ ...known, versions }]
}

function newDeviation(rule: string, results: readonly Result[]): Deviation[] {
  const isNew = ({ status, outdated }: Result) => status === 'failed' && outdated === undefined
  const failed = results.filter(isNew)
  const [first] = failed
  if (first === undefined) return []
  const reason = reasonOf(first)
  if (failed.length === results.length) return [{ rule, reason }]
  return [{ rule, versions: versionsOf(failed), reason }]
}

const versionsOf = (results: readonly Result[]) =>
  results.map(({ version }) => version ?? 0).sort((a, b) => a - b)

/** What the first difference says, without the names that are new in each run. */
function reasonOf({ failure }: Result): string {
  const [difference] = failure?.differences ?? []
  const { path, expected, actual } = difference ?? {}
  const text = difference ? `${path}: ${actual}, not ${expected}` : (failure?.message ?? '')
  const plain = text
    .replaceAll(/conformance-[0-9a-f]{8}-\d+-([a-z-]+)-\d+/g, '$1')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'some id')
  return plain.length > MAX_REASON ? `${plain.slice(0, MAX_REASON)}…` : plain
}

const compareTexts = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)
