import type { ErrorComparison, ErrorCoverage } from './compare-errors.js'

/** Rules named in a row of the table; the others are counted. */
const MOST_NAMED = 2

/** The comparison as Markdown: the sums, what is missing, then a table for each API. */
export function formatErrors(comparison: ErrorComparison): string {
  const { listed, missing, outdated, unlisted } = comparison
  const provoked = listed.filter(({ rules }) => rules.length > 0)
  const excused = listed.filter(({ rules, reason }) => rules.length === 0 && reason !== undefined)
  const apis = [...new Set(listed.map(({ api }) => api))]
  const parts = [
    `${listed.length} errors are listed: ${provoked.length} are provoked by a rule, ${excused.length} cannot be by a client, ${missing.length} are missing.`,
    ...section('Missing', missing.map(nameOf)),
    ...section('Provoked, though a reason says that they cannot be', outdated.map(nameOf)),
    ...section('Provoked and not listed', unlisted),
    ...apis.map((api) => tableOf(listed.filter((one) => one.api === api))),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The sums and what is missing, as plain text. */
export function summarizeErrors({ listed, missing, outdated }: ErrorComparison): string {
  const lines = [
    ...missing.map((one) => `no rule provokes ${nameOf(one)}`),
    ...outdated.map((one) => `provoked, though a reason says that it cannot be: ${nameOf(one)}`),
  ]
  return `${lines.map((line) => `${line}\n`).join('')}${listed.length} errors listed, ${missing.length} without a rule or a reason\n`
}

const nameOf = ({ api, code }: ErrorCoverage) => `${api} ${code}`

const section = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`## ${title}`, lines.map((line) => `- ${line}`).join('\n')]

function tableOf(rows: readonly ErrorCoverage[]): string {
  const lines = rows.map((row) => `| ${row.code} | ${shown(row)} |`)
  return [
    `## ${rows[0]?.api ?? ''}`,
    '',
    '| error | rules, or why there is none |',
    '| --- | --- |',
  ]
    .concat(lines)
    .join('\n')
}

function shown({ rules, reason }: ErrorCoverage): string {
  if (rules.length === 0) return reason ?? '**none**'
  const named = rules.slice(0, MOST_NAMED).map((id) => `\`${id}\``)
  const more = rules.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
