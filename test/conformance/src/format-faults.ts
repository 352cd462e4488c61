import type { Rule, RuleFaults } from '@ottla/conformance'
import { reportOf, type StoredFaults } from './stored-faults.js'
import { formatMarkdownTable } from './table.js'

/**
 * The page of faults: sums, runs, by API, those written by hand, survivors by name, and rules that nothing could be tried
 * on; of all rules or of some.
 */
export function formatFaults(stored: StoredFaults, among?: readonly Rule[]): string {
  const report = reportOf(stored, among)
  const { rules, skipped, handWritten, injected, caught, inVain, notPlaced } = report
  const byHand = handWritten.map((one) => [one.name, one.tried, one.caught, one.inVain])
  const survivors = rules.flatMap(({ rule, survivors }) =>
    survivors.map((name) => `- \`${rule.id}\`: ${name}`),
  )
  const unusable = rules.flatMap(({ rule, unusable: reason }) =>
    reason === undefined ? [] : [{ rule, reason }],
  )
  const untried = [...unusable, ...skipped].map(({ rule, reason }) => `- \`${rule.id}\`: ${reason}`)
  const playedBack = rules.filter(({ isPlayedBack }) => isPlayedBack)
  const fromRecording = playedBack.reduce((sum, one) => sum + one.injected, 0)
  const parts = [
    '# Faults that the conformance suite notices',
    'Written by `pnpm --filter @ottla-test/conformance faults`; not edited by hand.',
    `**${injected} faults injected, ${caught} caught, ${injected - caught} survived**, ${rules.length - unusable.length} rules tried, each at its newest version; ${untried.length} could not be tried.`,
    `${inVain} of the generated faults were caught by a rule that waited in vain or could not be judged: it failed, but did not say what is wrong. ${notPlaced} more changed nothing that a rule wants the same of in each run; they are not counted.`,
    `${playedBack.length} rules kill or hold up nodes: they did so once, and ${fromRecording} of the faults were put into what the nodes had answered then, played back.`,
    '## Runs',
    'What a later run tried stands in place of what an earlier one found. A star after a commit says that files differed from it, if only this page.',
    runTable(stored),
    '## Generated faults by API',
    formatMarkdownTable(['', 'rules', 'injected', 'caught', 'in vain'], byApi(rules)).trimEnd(),
    '## Faults written by hand',
    'Each has to be noticed by some rule; those of whole answers and of waits by every rule that they are tried on.',
    formatMarkdownTable(['', 'rules tried', 'that noticed', 'by waiting'], byHand).trimEnd(),
    '## Survivors',
    survivors.sort().join('\n') || 'None.',
    '## Noticed by waiting alone',
    'Rules of which more than half of the generated faults were caught in vain.',
    mostlyInVain(rules).sort().join('\n') || 'None.',
    '## Rules that could not be tried',
    untried.sort().join('\n') || 'None.',
  ]
  return `${parts.join('\n\n')}\n`
}

function runTable({ runs, tried }: StoredFaults): string {
  const rows = runs.map(({ target, command, commit, date, seed, seconds }, at) => {
    const rules = [...tried.values()].filter(({ run }) => run === at).length
    return [`\`faults ${command}\``, target, commit, date, seed, seconds, rules]
  })
  const titles = [
    '',
    'in front of',
    'commit',
    'date',
    'seed',
    'seconds',
    'rules of which it is the last',
  ]
  return formatMarkdownTable(titles, rows).trimEnd()
}

function mostlyInVain(rules: readonly RuleFaults[]): string[] {
  return rules.flatMap(({ rule, injected, inVain }) =>
    inVain * 2 > injected ? [`- \`${rule.id}\`: ${inVain} of ${injected}`] : [],
  )
}

function byApi(rules: readonly RuleFaults[]): (string | number)[][] {
  const rows = new Map<string, readonly [number, number, number, number]>()
  for (const { rule, injected, caught, inVain } of rules) {
    const { name } = rule.apis[0]
    const [count, all, noticed, waited] = rows.get(name) ?? [0, 0, 0, 0]
    rows.set(name, [count + 1, all + injected, noticed + caught, waited + inVain])
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, row]) => [name, ...row])
}
