import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'
import { describeFailure } from './describe-failure.js'
import { escapeMarkup } from './escape-markup.js'

/** The report as JUnit's XML, one suite per API: what CI servers show. */
export function junitReport({ results, target, durationMs, ...counts }: RunReport): string {
  const suites = byApi(results)
  const attributes = `tests="${results.length}" failures="${counts.failed}" skipped="${counts.skipped}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeMarkup(target.name)}" ${attributes} time="${seconds(durationMs)}">`,
    ...[...suites].map(([name, all]) => suite(name, all)),
    '</testsuites>\n',
  ].join('\n')
}

function suite(name: string, results: readonly Result[]): string {
  const failed = results.filter(({ status }) => status === 'failed').length
  const skipped = results.filter(({ status }) => status === 'skipped').length
  const counts = `tests="${results.length}" failures="${failed}" skipped="${skipped}"`
  return [`<testsuite name="${name}" ${counts}>`, ...results.map(testCase), '</testsuite>'].join(
    '\n',
  )
}

function testCase(result: Result): string {
  const { rule, version, durationMs, reason, failure } = result
  const name = version === undefined ? rule.id : `${rule.id} v${version}`
  const head = `<testcase classname="${rule.apis[0].name}" name="${escapeMarkup(name)}" time="${seconds(durationMs)}"`
  if (failure !== undefined) {
    const message = escapeMarkup(failure.message)
    return `${head}><failure message="${message}">${escapeMarkup(describeFailure(result))}</failure></testcase>`
  }
  if (reason === undefined) return `${head}/>`
  return `${head}><skipped message="${escapeMarkup(reason)}"/></testcase>`
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

function byApi(results: readonly Result[]): ReadonlyMap<string, Result[]> {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const { name } = result.rule.apis[0]
    groups.set(name, [...(groups.get(name) ?? []), result])
  }
  return groups
}
