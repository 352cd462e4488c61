import { allRules, type Rule, type RuleFaults } from '@ottla/conformance'
import {
  addRun,
  decodeFaults,
  encodeFaults,
  formatFaults,
  noFaults,
  reportOf,
  rulesLeft,
} from '@ottla-test/conformance'
import { describe, expect, it } from 'vitest'

const [one, other, third] = allRules() as [Rule, Rule, Rule]
const run = {
  target: 'apache-kafka',
  command: '--seed 7',
  commit: 'abc',
  date: '2026-01-01',
  seed: 7,
  seconds: 3,
}

const found = (rule: Rule, rest: Partial<RuleFaults> = {}): RuleFaults => ({
  rule,
  version: 1,
  injected: 4,
  caught: 4,
  inVain: 1,
  notPlaced: 0,
  survivors: [],
  handWritten: new Map([['an answer is never sent', 'in vain']]),
  isPlayedBack: false,
  ...rest,
})

describe('faults of several runs', () => {
  const bad = found(one, { caught: 3, survivors: ['x'] })
  const skipped = [{ rule: third, reason: 'needs something' }]
  const first = addRun(noFaults, run, { rules: [bad, found(other)], skipped })

  it('are those of the last run that tried a rule', () => {
    const both = addRun(first, { ...run, seed: 8 }, { rules: [found(one)], skipped: [] })
    expect(both.runs.map(({ seed }) => seed)).toEqual([7, 8])
    expect(reportOf(first, [one, other])).toMatchObject({ injected: 9, caught: 8, inVain: 2 })
    expect(reportOf(both, [one, other])).toMatchObject({ injected: 9, caught: 9 })
    const all = addRun(both, run, { rules: [found(one), found(other), found(third)], skipped: [] })
    expect(all.runs).toHaveLength(1)
    expect(all.skipped.size).toBe(0)
  })

  it('leave the rules to be tried that nothing is known of, or that could not be', () => {
    const failed = addRun(first, run, { rules: [found(other, { unusable: 'busy' })], skipped: [] })
    const left = rulesLeft(failed)
    expect(left).not.toContain(one)
    expect(left).toContain(other)
    expect(left).toHaveLength(allRules().length - 1)
  })

  it('come back from a file as they were, but for rules that are gone', () => {
    const text = encodeFaults(first)
    expect(decodeFaults(text)).toEqual(first)
    expect(decodeFaults(`${text}{"rule":"gone.rule","reason":"x"}\n`)).toEqual(first)
  })

  it('make a page with the runs, the survivors and what was not tried', () => {
    const page = formatFaults(first, [one, other, third])
    expect(page).toContain('**9 faults injected, 8 caught, 1 survived**, 2 rules tried')
    expect(page).toContain('| `faults --seed 7` | apache-kafka | abc | 2026-01-01 | 7 | 3 | 2 |')
    expect(page).toContain(`- \`${one.id}\`: x`)
    expect(page).toContain(`- \`${third.id}\`: needs something`)
  })
})
