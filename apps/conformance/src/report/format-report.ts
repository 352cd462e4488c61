import type { RunReport } from '../run/run-conformance.js'
import { describeFailures } from './describe-failure.js'
import { groupFailures } from './group-failures.js'
import { htmlReport } from './html-report.js'
import { jsonReport } from './json-report.js'
import { junitReport } from './junit-report.js'
import {
  describeRun,
  describeStop,
  failedRules,
  lastLine,
  skipReasons,
  summaryTable,
} from './summary.js'

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

/** Failures, the tables, what failed in short, reasons of skips, and the last line. */
function textReport(report: RunReport): string {
  const { results } = report
  const reasons = skipReasons(report).map(
    ([reason, count]) => `${String(count).padStart(6)}  ${reason}`,
  )
  const failed = failedRules(report).map((line) => `  ${line}`)
  const stop = describeStop(report)
  const parts = [
    ...groupFailures(results).map(describeFailures),
    summaryTable(report),
    ...(reasons.length > 0 ? [`Skipped:\n${reasons.join('\n')}`] : []),
    ...(failed.length > 0 ? [`Failed:\n${failed.join('\n')}`] : []),
    ...(stop === undefined ? [] : [stop]),
    describeRun(report),
    lastLine(report),
  ]
  return `${parts.join('\n\n')}\n`
}
