import { describeFailure } from '@ottla/conformance'
import type { SetUpReport, Unjudged } from './run-set-ups.js'
import { formatTable } from './table.js'

/** What failed, then one row for each set-up, as text. */
export function formatSetUps(reports: readonly SetUpReport[]): string {
  const failures = reports.flatMap(({ report }) =>
    report.results.filter(({ status }) => status === 'failed').map(describeFailure),
  )
  const rows = reports.map(({ name, report }) => {
    const { results, passed, failed, skipped, seed, durationMs } = report
    const judged = new Set(results.flatMap((one) => (one.status === 'skipped' ? [] : one.rule.id)))
    const seconds = Math.round(durationMs / 1000)
    return [name, judged.size, passed, failed, skipped, seconds, seed]
  })
  const titles = ['set-up', 'rules', 'passed', 'failed', 'skipped', 'seconds', 'seed']
  return [...failures, formatTable(titles, rows)].join('\n')
}

/** The rules that could be judged nowhere, by the reason, each by name. */
export function describeUnjudged(unjudged: readonly Unjudged[]): string {
  if (unjudged.length === 0) return '\nEvery rule was judged.\n'
  const byReason = new Map<string, string[]>()
  for (const { rule, reason } of unjudged) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), rule.id])
  }
  const lines = [...byReason].map(([reason, ids]) => `  ${reason}: ${ids.join(' ')}\n`)
  return `\n${unjudged.length} rules were judged nowhere:\n${lines.join('')}`
}
