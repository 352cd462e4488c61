import type { RuleFaults } from '@ottla/conformance'
import type { SetUpsFaultReport } from './inject-into-set-ups.js'
import { formatMarkdownTable } from './table.js'

/** How faults were injected. */
export interface FaultsMade {
  readonly perRule: number | undefined
}

/** The page of faults: sums, by API, those written by hand, survivors by name, and rules that nothing could be tried on. */
export function formatFaults(report: SetUpsFaultReport, { perRule }: FaultsMade): string {
  const { target, rules, skipped, handWritten, injected, caught, seed, durationMs } = report
  const { inVain, notPlaced } = report
  const byHand = handWritten.map((one) => [one.name, one.tried, one.caught])
  const survivors = rules.flatMap(({ rule, survivors }) =>
    survivors.map((name) => `- \`${rule.id}\`: ${name}`),
  )
  const unusable = rules.flatMap(({ rule, unusable: reason }) =>
    reason === undefined ? [] : [{ rule, reason }],
  )
  const untried = [...unusable, ...skipped].map(({ rule, reason }) => `- \`${rule.id}\`: ${reason}`)
  const chosen = perRule === undefined ? 'all of each rule' : `at most ${perRule} of each rule`
  const parts = [
    '# Faults that the conformance suite notices',
    'Written by `pnpm --filter @ottla-test/conformance faults`; not edited by hand.',
    `In front of ${target}, each rule at its newest version, ${chosen}, seed ${seed}: ${injected} faults injected, ${caught} caught, ${injected - caught} survived, in ${Math.round(durationMs / 1000)} s. ${rules.length + skipped.length} rules, ${untried.length} of which could not be tried.`,
    `${inVain} of the generated faults were caught by a rule that waited in vain or could not be judged; ${notPlaced} more changed nothing that a rule wants the same of in each run.`,
    '## Generated faults by API',
    formatMarkdownTable(['', 'rules', 'injected', 'caught'], byApi(rules)).trimEnd(),
    '## Faults written by hand',
    'Each has to be noticed by some rule; those of whole answers and of waits by every rule that they are tried on.',
    formatMarkdownTable(['', 'rules tried', 'rules that noticed'], byHand).trimEnd(),
    '## Survivors',
    survivors.sort().join('\n') || 'None.',
    '## Rules that could not be tried',
    untried.sort().join('\n') || 'None.',
  ]
  return `${parts.join('\n\n')}\n`
}

function byApi(rules: readonly RuleFaults[]): (string | number)[][] {
  const rows = new Map<string, [rules: number, injected: number, caught: number]>()
  for (const { rule, injected, caught } of rules) {
    const { name } = rule.apis[0]
    const [count, all, noticed] = rows.get(name) ?? [0, 0, 0]
    rows.set(name, [count + 1, all + injected, noticed + caught])
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => [name, ...row])
}
