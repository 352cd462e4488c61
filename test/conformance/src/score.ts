import type { Result } from '@ottla/conformance'
import type { SetUpReport } from './run-set-ups.js'
import { formatMarkdownTable } from './table.js'

/** How executions ended. */
export interface Counts {
  passed: number
  failed: number
  /** Failures that are known, with a reason, in the target's file of deviations. */
  deviations: number
}

/** What one target reached. */
export interface Score {
  readonly target: string
  /** The release whose rules it was held to. */
  readonly release: string
  readonly date: string
  readonly seconds: number
  /** Rules that were judged, and those that it lacks something for. */
  readonly rules: number
  readonly unjudged: number
  /** How often it fell over and was started again. */
  readonly revivals: number
  readonly total: Counts
  readonly byTopic: Readonly<Record<string, Counts>>
  readonly byApi: Readonly<Record<string, Counts>>
}

/** Adds up what a target reached on its set-ups. */
export function scoreOf(target: string, reports: readonly SetUpReport[]): Score {
  const all = reports.flatMap(({ report }) => report.results)
  const judged = all.filter(({ status, deviation }) => status !== 'skipped' || deviation)
  const ids = new Set(judged.map(({ rule }) => rule.id))
  const known = new Set(all.map(({ rule }) => rule.id))
  const spentMs = reports.reduce((sum, { report }) => sum + report.durationMs, 0)
  return {
    target,
    release: reports[0]?.report.release ?? '',
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round(spentMs / 1000),
    rules: ids.size,
    unjudged: known.size - ids.size,
    revivals: reports.reduce((sum, { report }) => sum + report.revivals, 0),
    total: count(judged),
    byTopic: countBy(judged, ({ rule }) => rule.topic),
    byApi: countBy(judged, ({ rule }) => rule.apis[0].name),
  }
}

function countBy(results: readonly Result[], nameOf: (one: Result) => string) {
  const groups = new Map<string, Result[]>()
  for (const one of results) groups.set(nameOf(one), [...(groups.get(nameOf(one)) ?? []), one])
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, own]) => [name, count(own)]))
}

function count(results: readonly Result[]): Counts {
  const counts = { passed: 0, failed: 0, deviations: 0 }
  for (const { status, deviation } of results) {
    if (deviation !== undefined) counts.deviations++
    else if (status === 'passed') counts.passed++
    else if (status === 'failed') counts.failed++
  }
  return counts
}

/** The page of scores. */
export function formatScores(scores: readonly Score[]): string {
  const titles = ['', ...scores.map(({ target }) => target)]
  const row = (name: string, of: (score: Score) => string | number) => [name, ...scores.map(of)]
  const rows = [
    row('held to release', ({ release }) => release),
    row('rules judged', ({ rules }) => rules),
    row('rules it lacks something for', ({ unjudged }) => unjudged),
    row('executions passed', ({ total }) => total.passed),
    row('executions failed', ({ total }) => total.failed),
    row('known deviations', ({ total }) => total.deviations),
    row('times it fell over', ({ revivals }) => revivals),
    row('seconds', ({ seconds }) => seconds),
    row('date', ({ date }) => date),
  ]
  const parts = [
    '# Scores of the conformance suite',
    'Written by `pnpm --filter @ottla-test/conformance scores`; not edited by hand.',
    'Every rule at every version that the target advertises. A cell says how many of the judged executions passed; known deviations count as not passed. A dash: nothing to judge, mostly because the target does not advertise the API.',
    formatMarkdownTable(titles, rows).trimEnd(),
    '## By topic',
    groupTable(scores, ({ byTopic }) => byTopic),
    '## By API',
    groupTable(scores, ({ byApi }) => byApi),
  ]
  return `${parts.join('\n\n')}\n`
}

function groupTable(
  scores: readonly Score[],
  groupsOf: (score: Score) => Readonly<Record<string, Counts>>,
): string {
  const names = [...new Set(scores.flatMap((score) => Object.keys(groupsOf(score))))].sort()
  const rows = names.map((name) => [name, ...scores.map((one) => cell(groupsOf(one)[name]))])
  return formatMarkdownTable(['', ...scores.map(({ target }) => target)], rows).trimEnd()
}

function cell(counts: Counts | undefined): string {
  if (counts === undefined) return '–'
  const { passed, failed, deviations } = counts
  return `${passed} of ${passed + failed + deviations}`
}
