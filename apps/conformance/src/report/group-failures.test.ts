import { describe, expect, it } from 'vitest'
import { allRules } from '../cases/index.js'
import type { Result } from '../run/result.js'
import { groupFailures, showRanges } from './group-failures.js'

const [one, two] = allRules()
if (one === undefined || two === undefined) throw new Error('there are rules')

const failed = (rule: typeof one, version: number, expected: string, actual = 'x'): Result => {
  const differences = [{ path: 'topics[0].name', expected, actual }]
  const failure = {
    message: 'The answer is not what the rule says.',
    notJudged: false,
    differences,
  }
  return { rule, version, status: 'failed', failure, durationMs: 1, reads: [] }
}

describe('failures', () => {
  it('of a rule that differ in versions, answers and names alone are one', () => {
    const results = [
      failed(one, 12, "'conformance-0a1b2c3d-17-topic-0'", '1'),
      failed(two, 0, "'a'"),
      failed(one, 3, "'conformance-0a1b2c3d-9-topic-0'", '2'),
      failed(one, 4, "'conformance-0a1b2c3d-4-topic-0'"),
      failed(one, 0, "'another'"),
    ]
    const groups = groupFailures(results)
    expect(groups.map(({ versions }) => versions)).toEqual(['3 to 4, 12', '0', '0'])
    expect(groups[0]?.shown).toBe(results[0])
  })

  it('are told with their versions in ranges', () => {
    expect(showRanges([])).toBe('')
    expect(showRanges([1, 2, 3, 5, 7, 8])).toBe('1 to 3, 5, 7 to 8')
  })
})
