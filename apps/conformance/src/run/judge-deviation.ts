import type { Deviation } from '../deviations/deviation.js'
import type { Result } from './result.js'
import { fitsId } from './select-rules.js'

/**
 * Turns a failure that is known of the target into a skip with its reason, and a known failure that
 * no longer happens into a failure of the list, unless it is one that happens now and then.
 */
export function judgeDeviation(result: Result, deviations: readonly Deviation[]): Result {
  const known = deviations.find(
    ({ rule, versions }) =>
      (rule.includes('*') ? fitsId(result.rule.id, rule) : rule === result.rule.id) &&
      (versions === undefined || versions.includes(result.version ?? -1)),
  )
  if (known === undefined || result.status === 'skipped') return result
  if (result.status === 'failed') {
    const { failure: _, ...rest } = result
    const reason = `known deviation: ${known.reason}`
    return { ...rest, status: 'skipped', reason, deviation: known }
  }
  if (known.sometimes === true) return result
  const message = `Listed as a known deviation (${known.reason}), but the target follows the rule: take it off the list.`
  const failure = { message, notJudged: false, differences: [] }
  return { ...result, status: 'failed', failure, outdated: known }
}
