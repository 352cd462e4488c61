import { show } from '../match/show.js'
import type { Result } from '../run/result.js'
import type { FailureGroup } from './group-failures.js'

/** A failed execution for people: the rule and its source, what was asked, what was expected and what came. */
export function describeFailure(result: Result): string {
  return describeFailures({ shown: result, versions: `${result.version}` })
}

/** The same for executions that failed alike: one of them stands for all. */
export function describeFailures({ shown, versions }: FailureGroup): string {
  const { rule, version, failure } = shown
  if (failure === undefined) return ''
  const { exchange, differences, message, notJudged, stack } = failure
  const name = rule.apis[0].name
  const at =
    versions === `${version}` ? `version ${version}` : `versions ${versions}; this is ${version}`
  const lines = [
    `✗ ${rule.id}, ${name} ${at}`,
    `  rule:     ${rule.says}`,
    `  source:   ${rule.source}`,
    `  failure:  ${message}`,
    ...differences.flatMap(({ path, expected, actual }) => [
      `  ${path}`,
      `    expected: ${expected}`,
      `    actual:   ${actual}`,
    ]),
  ]
  if (exchange !== undefined) {
    const { api, request, response } = exchange
    lines.push(`  request:  ${api.name} v${exchange.version} ${show(request)}`)
    if (response !== undefined) lines.push(`  answer:   ${show(response)}`)
  }
  if (notJudged && stack !== undefined) lines.push(stack.replaceAll(/^/gm, '  '))
  return lines.join('\n')
}
