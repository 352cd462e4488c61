import type { Deviation, Result } from '@ottla/conformance'
import type { SetUpReport } from './run-set-ups.js'

const MAX_REASON = 160

/** A list of deviations for all that failed, one for each rule, sorted by what was seen: a start, to be put into words. */
export function deviationsOf(reports: readonly SetUpReport[]): Deviation[] {
  const byRule = new Map<string, Result[]>()
  for (const { report } of reports) {
    for (const result of report.results) {
      if (result.version === undefined) continue
      byRule.set(result.rule.id, [...(byRule.get(result.rule.id) ?? []), result])
    }
  }
  const found = [...byRule].flatMap(([rule, results]) => deviationOf(rule, results))
  return found.sort((a, b) => compareTexts(a.reason, b.reason) || compareTexts(a.rule, b.rule))
}

function deviationOf(rule: string, results: readonly Result[]): Deviation[] {
  const known = results.find(({ deviation }) => deviation !== undefined)?.deviation
  const failed = results.filter(({ status, deviation }) => status === 'failed' || deviation)
  const [first] = failed
  if (first === undefined) return []
  const reason = known?.reason ?? reasonOf(first)
  if (failed.length === results.length) return [{ rule, reason }]
  const versions = failed.map(({ version }) => version ?? 0).sort((a, b) => a - b)
  return [{ rule, versions, reason }]
}

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
