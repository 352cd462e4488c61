import type { Exchange } from '../client/exchange.js'
import type { Deviation } from '../deviations/deviation.js'
import type { Rule } from '../rules/rule.js'
import type { Difference } from '../rules/rule-broken.js'
import type { PathRead } from './path-read.js'

/** Why an execution failed. */
export interface Failure {
  readonly message: string
  /** The rule threw something that says nothing about the target. */
  readonly notJudged: boolean
  readonly differences: readonly Difference[]
  readonly exchange?: Exchange | undefined
  readonly stack?: string | undefined
}

/** How one execution ended. */
export interface Result {
  readonly rule: Rule
  /** Undefined where no version came into question. */
  readonly version: number | undefined
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string | undefined
  readonly failure?: Failure | undefined
  /** It failed, and the target is known to: it counts as skipped. */
  readonly deviation?: Deviation | undefined
  /** The target is known to fail and did not: the execution counts as failed until this is off the list. */
  readonly outdated?: Deviation | undefined
  readonly durationMs: number
  readonly reads: readonly PathRead[]
}
