import { allRules } from '@ottla/conformance'
import { targetProfiles } from '@ottla-test/apache-kafka'
import { allSetUps, describeUnjudged, unjudgedRules } from '@ottla-test/conformance'
import { describe, expect, test } from 'vitest'

const [rule] = allRules()
if (rule === undefined) throw new Error('there are rules')

const reportOf = (status: 'passed' | 'skipped') => {
  const result = { rule, version: 1, status, reason: 'needs acls', durationMs: 0, reads: [] }
  const sums = {
    passed: 0,
    failed: 0,
    skipped: 0,
    durationMs: 0,
    seed: 1,
    revivals: 0,
    askedAgain: [],
    release: '4.4',
  }
  return { name: '', report: { ...sums, target: { name: '', address: '' }, results: [result] } }
}

describe('set-ups of the conformance suite', () => {
  test('have every profile once', () => {
    expect(allSetUps().flat().sort()).toEqual([...targetProfiles].sort())
  })

  test('name the rules that none of them could judge', () => {
    const skipped = unjudgedRules([reportOf('skipped'), reportOf('skipped')])
    expect(describeUnjudged(skipped)).toContain(`needs acls: ${rule.id}`)
    const judged = unjudgedRules([reportOf('skipped'), reportOf('passed'), reportOf('skipped')])
    expect(describeUnjudged(judged)).toContain('Every rule was judged.')
  })
})
