import type { Rule } from '../rules/rule.js'

/** One rule at one version. */
export interface Execution {
  readonly rule: Rule
  readonly version: number
}
