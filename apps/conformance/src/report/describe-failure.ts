import { show } from '../match/show.js'
import type { Result } from '../run/result.js'

/** A failed execution for people: the rule and its source, what was asked, what was expected and what came. */
export function describeFailure({ rule, version, failure }: Result): string {
  if (failure === undefined) return ''
  const { exchange, differences, message, notJudged, stack } = failure
  const lines = [
    `✗ ${rule.id}, ${rule.apis[0].name} version ${version}`,
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
