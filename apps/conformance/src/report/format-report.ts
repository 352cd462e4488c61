import type { RunReport } from '../run/run-conformance.js'
import { describeFailure } from './describe-failure.js'
import { htmlReport } from './html-report.js'
import { jsonReport } from './json-report.js'
import { junitReport } from './junit-report.js'
import { lastLine, skipReasons, summaryTable } from './summary.js'

const formats = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
  html: htmlReport,
} as const satisfies Record<string, (report: RunReport) => string>

/** A form that a report can be written in. */
export type ReportFormat = keyof typeof formats

/** All {@link ReportFormat}s. */
export const reportFormats: readonly ReportFormat[] = Object.keys(formats) as ReportFormat[]

/** The whole report of a run as text, JSON, JUnit's XML or a page of HTML. */
export function formatReport(report: RunReport, format: ReportFormat): string {
  return formats[format](report)
}

/** Failures, reasons of skips, the tables, and the last line. */
function textReport(report: RunReport): string {
  const failed = report.results.filter(({ status }) => status === 'failed')
  const reasons = skipReasons(report).map(
    ([reason, count]) => `${String(count).padStart(6)}  ${reason}`,
  )
  const { target, release, seed, durationMs } = report
  const parts = [
    ...failed.map(describeFailure),
    summaryTable(report),
    ...(reasons.length > 0 ? [`Skipped:\n${reasons.join('\n')}`] : []),
    `${target.name} at ${target.address}, held to release ${release}, seed ${seed}, ${Math.round(durationMs / 100) / 10} s`,
    lastLine(report),
  ]
  return `${parts.join('\n\n')}\n`
}
