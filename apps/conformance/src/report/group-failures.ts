import type { Result } from '../run/result.js'

/** Executions of one rule that failed in the same way. */
export interface FailureGroup {
  /** The one at the newest version, to be shown for all. */
  readonly shown: Result
  /** Such as `0 to 3, 5`. */
  readonly versions: string
}

/** Failures by rule and by what was expected in vain, in the order in which they were found. */
export function groupFailures(results: readonly Result[]): readonly FailureGroup[] {
  const groups = new Map<string, Result[]>()
  for (const result of results) {
    if (result.status !== 'failed') continue
    const key = likeness(result)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [result])
    else group.push(result)
  }
  return [...groups.values()].map((group) => {
    const sorted = [...group].sort((a, b) => versionOf(a) - versionOf(b))
    return { shown: sorted.at(-1) as Result, versions: showRanges(sorted.map(versionOf)) }
  })
}

/** Sorted numbers, those that follow on each other together. */
export function showRanges(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = []
  for (const number of numbers) {
    const range = ranges.at(-1)
    if (range !== undefined && number <= range[1] + 1) range[1] = number
    else ranges.push([number, number])
  }
  return ranges
    .map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`))
    .join(', ')
}

const versionOf = ({ version = -1 }: Result) => version

/** What answers say varies with each execution; what was expected where does not, but for names. */
function likeness({ rule, failure }: Result): string {
  const places = failure?.differences.map(({ path, expected }) => `${path}\n${expected}`) ?? []
  return [rule.id, failure?.message, ...places].join('\n').replaceAll(/-[0-9a-f]{8}-\d+-/g, '-')
}
