import { show } from '../match/show.js'
import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'

/** The report for programs; requests and answers are texts, as people read them. */
export function jsonReport(report: RunReport): string {
  const { target, release, seed, passed, failed, skipped, durationMs, results, stopped } = report
  const { name, address, provides = [] } = target
  const head = { target: { name, address, provides }, release, seed, passed, failed, skipped }
  const body = {
    ...head,
    stopped,
    durationMs: Math.round(durationMs),
    results: results.map(resultOf),
  }
  return `${JSON.stringify(body, undefined, 2)}\n`
}

function resultOf({ rule, version, status, reason, failure, deviation, durationMs }: Result) {
  const { id, says, source, topic, apis } = rule
  const about = { rule: id, api: apis[0].name, version, topic, says, source }
  const ended = { status, reason, deviation, durationMs: Math.round(durationMs) }
  if (failure === undefined) return { ...about, ...ended }
  const { message, differences, exchange, notJudged, stack } = failure
  const request = exchange && `${exchange.api.name} v${exchange.version} ${show(exchange.request)}`
  const answer = exchange?.response === undefined ? undefined : show(exchange.response)
  return {
    ...about,
    ...ended,
    failure: { message, notJudged, differences, request, answer, stack },
  }
}
