import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'
import { describeFailure } from './describe-failure.js'
import { escapeMarkup } from './escape-markup.js'
import { lastLine, summaryTable } from './summary.js'

const STYLE =
  'body{font:15px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}' +
  'pre{background:#8881;padding:1rem;overflow:auto}td,th{text-align:left;padding:.1rem .8rem .1rem 0;vertical-align:top}' +
  '.failed{color:#c22}.passed{color:#282}.skipped{color:#777}'

/** The report as one page without scripts: failures first, the tables, then every execution. */
export function htmlReport(report: RunReport): string {
  const { target, release, results, seed } = report
  const failed = results.filter(({ status }) => status === 'failed')
  const title = `Conformance of ${escapeMarkup(target.name)}`
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>`,
    `<h1>${title}</h1><p>${escapeMarkup(target.address)}, held to Apache Kafka ${release}, seed ${seed}: <b>${lastLine(report)}</b></p>`,
    ...failed.map((result) => `<pre>${escapeMarkup(describeFailure(result))}</pre>`),
    `<pre>${escapeMarkup(summaryTable(report))}</pre>`,
    '<table><tr><th>rule<th>version<th>result<th>says<th>source</tr>',
    ...results.map(row),
    '</table></html>\n',
  ].join('\n')
}

function row({ rule, version, status, reason }: Result): string {
  const result = reason === undefined ? status : `${status}: ${reason}`
  return `<tr><td>${rule.id}<td>${version ?? ''}<td class="${status}">${escapeMarkup(result)}<td>${escapeMarkup(rule.says)}<td>${escapeMarkup(rule.source)}</tr>`
}
