import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'
import { describeFailure } from './describe-failure.js'
import { escapeMarkup } from './escape-markup.js'
import { describeStop } from './summary.js'

/**
 * The report as JUnit's XML, one suite per API: what CI servers show. What could not be judged, and a run that ended
 * early, is an error and no failure.
 */
export function junitReport(report: RunReport): string {
  const { results, target, durationMs } = report
  const stop = describeStop(report)
  const suites = [...byApi(results)].map(([name, all]) => suite(name, all.map(testCase), all))
  if (stop !== undefined) {
    const error = `<error message="${escapeMarkup(stop)}"/>`
    suites.push(suite('run', [`<testcase classname="run" name="ends">${error}</testcase>`], [], 1))
  }
  const extra = stop === undefined ? 0 : 1
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeMarkup(target.name)}" ${counts(results, extra)} time="${seconds(durationMs)}">`,
    ...suites,
    '</testsuites>\n',
  ].join('\n')
}

function suite(
  name: string,
  cases: readonly string[],
  results: readonly Result[],
  extraErrors = 0,
): string {
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0))
  const head = `<testsuite name="${name}" ${counts(results, extraErrors)} time="${time}">`
  return [head, ...cases, '</testsuite>'].join('\n')
}

function counts(results: readonly Result[], extraErrors: number): string {
  const failed = results.filter(({ status }) => status === 'failed')
  const errors = failed.filter(({ failure }) => failure?.notJudged === true).length
  const skipped = results.filter(({ status }) => status === 'skipped').length
  const tests = results.length + extraErrors
  return `tests="${tests}" failures="${failed.length - errors}" errors="${errors + extraErrors}" skipped="${skipped}"`
}

function testCase(result: Result): string {
  const { rule, version, durationMs, reason, failure } = result
  const name = version === undefined ? rule.id : `${rule.id} v${version}`
  const head = `<testcase classname="${rule.apis[0].name}" name="${escapeMarkup(name)}" time="${seconds(durationMs)}"`
  if (failure !== undefined) {
    const element = failure.notJudged ? 'error' : 'failure'
    const message = escapeMarkup(failure.message)
    return `${head}><${element} message="${message}">${escapeMarkup(describeFailure(result))}</${element}></testcase>`
  }
  if (reason === undefined) return `${head}/>`
  return `${head}><skipped message="${escapeMarkup(reason)}"/></testcase>`
}

const seconds = (ms: number) => (ms / 1000).toFixed(3)

function byApi(results: readonly Result[]): ReadonlyMap<string, Result[]> {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    const { name } = result.rule.apis[0]
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [result])
    else group.push(result)
  }
  return groups
}
