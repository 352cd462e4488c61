export { allRules } from './cases/index.js'
export type { Deviation } from './deviations/deviation.js'
export { knownDeviations } from './deviations/deviation.js'
export { compareErrors, type ErrorComparison, type ErrorCoverage } from './errors/compare-errors.js'
export { formatErrors, summarizeErrors } from './errors/format-errors.js'
export { type ProvokedErrors, provokedErrors } from './errors/provoked-errors.js'
export { type Fault, withheld } from './faults/fault.js'
export type { RuleFaults } from './faults/inject-into.js'
export {
  type FaultReport,
  type FaultRunOptions,
  faultReport,
  runFaults,
  showsThatRulesBite,
} from './faults/run-faults.js'
export * from './match/index.js'
export { describeFailure } from './report/describe-failure.js'
export { formatReport, type ReportFormat, reportFormats } from './report/format-report.js'
export { type Need, needs } from './rules/need.js'
export { type Rule, type RuleTopic, rule, ruleTopics } from './rules/rule.js'
export { type Difference, RuleBroken } from './rules/rule-broken.js'
export type { RuleContext } from './rules/rule-context.js'
export type { Failure, Result } from './run/result.js'
export {
  type EarlyEnd,
  type RunOptions,
  type RunPlan,
  type RunReport,
  runConformance,
} from './run/run-conformance.js'
export { fitsId } from './run/select-rules.js'
export { stopSignal } from './stop-signal.js'
export type {
  Credentials,
  NodeControls,
  SaslListener,
  Security,
  Target,
  TargetControls,
  TargetListeners,
  TlsSettings,
} from './target.js'
export { readTargetFile } from './target-file.js'
