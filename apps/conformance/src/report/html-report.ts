import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'
import { describeFailures } from './describe-failure.js'
import { escapeMarkup } from './escape-markup.js'
import { groupFailures, showRanges } from './group-failures.js'
import { describeRun, describeStop, lastLine, type Row, rowsByApi, rowsByTopic } from './summary.js'

const STYLE =
  ':root{color-scheme:light dark}body{font:15px/1.5 system-ui;max-width:75rem;margin:2rem auto;padding:0 1rem}' +
  'pre{background:#8881;padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere}summary{cursor:pointer}' +
  'table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}' +
  '.n{text-align:right;font-variant-numeric:tabular-nums}' +
  '.failed{color:#c33}.passed{color:#292}.skipped{color:#888}'

/** The report as one page without scripts: failures first, the tables, then every rule. */
export function htmlReport(report: RunReport): string {
  const { target, results } = report
  const title = `Conformance of ${escapeMarkup(target.name)}`
  const stop = describeStop(report)
  const groups = groupFailures(results)
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${title}</title><style>${STYLE}</style>`,
    `<h1>${title}</h1><p>${escapeMarkup(describeRun(report))}: <b>${lastLine(report)}</b></p>`,
    ...(stop === undefined ? [] : [`<p class="failed"><b>${escapeMarkup(stop)}</b></p>`]),
    ...(groups.length === 0 ? [] : [`<h2 id="failures">Failures</h2>`]),
    ...groups.map((group) => {
      const { rule } = group.shown
      const head = `<summary id="${rule.id}"><code>${rule.id}</code>: ${escapeMarkup(rule.says)}</summary>`
      return `<details>${head}<pre>${escapeMarkup(describeFailures(group))}</pre></details>`
    }),
    '<h2>By API</h2>',
    table('API', rowsByApi(results)),
    '<h2>By topic</h2>',
    table('topic', rowsByTopic(results)),
    '<h2>Rules</h2><table><tr><th>rule<th>result<th>says<th>source</tr>',
    ...[...byRule(results).values()].map(ruleRow),
    '</table></html>\n',
  ].join('\n')
}

function table(title: string, rows: readonly Row[]): string {
  const cells = rows.map(({ name, rules, ...counts }) => {
    const numbers = (['passed', 'failed', 'skipped'] as const).map((status) => {
      const count = counts[status]
      return `<td class="n ${count > 0 ? status : ''}">${count}`
    })
    return `<tr><td>${name}<td class="n">${rules.size}${numbers.join('')}</tr>`
  })
  const head = `<tr><th>${title}<th>rules<th>passed<th>failed<th>skipped</tr>`
  return `<table>${head}${cells.join('\n')}</table>`
}

function byRule(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const rules = new Map<string, Result[]>()
  for (const result of results) {
    const { id } = result.rule
    rules.set(id, [...(rules.get(id) ?? []), result])
  }
  return rules
}

function ruleRow(results: readonly Result[]): string {
  const [first] = results
  if (first === undefined) return ''
  const { id, says, source } = first.rule
  const outcomes = (['failed', 'passed', 'skipped'] as const).flatMap((status) => {
    const all = results.filter((result) => result.status === status)
    return all.length === 0 ? [] : [`<span class="${status}">${outcome(status, all)}</span>`]
  })
  const name = outcomes[0]?.includes('failed') ? `<a href="#${id}">${id}</a>` : id
  return `<tr><td>${name}<td>${outcomes.join('<br>')}<td>${escapeMarkup(says)}<td>${linked(source)}</tr>`
}

/** Such as `passed v0 to 12`, and why it was skipped. */
function outcome(status: Result['status'], results: readonly Result[]): string {
  const versions = results.flatMap(({ version }) => version ?? []).sort((a, b) => a - b)
  const at = versions.length === 0 ? '' : ` v${showRanges(versions)}`
  const reasons = new Set(results.flatMap(({ reason }) => reason ?? []))
  const why = reasons.size === 0 ? '' : `: ${[...reasons].join('; ')}`
  return escapeMarkup(`${status}${at}${why}`)
}

const linked = (source: string) =>
  escapeMarkup(source).replaceAll(/https:\/\/[^\s;,]*[^\s;,:]/g, '<a href="$&">$&</a>')
