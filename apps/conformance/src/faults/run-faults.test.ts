import { expect, it } from 'vitest'
import { allRules } from '../cases/index.js'
import { verdictsOf } from './inject-into.js'
import { faultReport, showsThatRulesBite } from './run-faults.js'
import type { Verdict } from './try-faults.js'

const [rule] = allRules()

/** What a run of one rule found, with these verdicts on the fault written by hand that every rule has to notice. */
function reportOf(generated: readonly Verdict[], byHand: readonly Verdict[] = []) {
  if (rule === undefined) throw new Error('there are rules')
  const faults = new Map(generated.map((verdict, index) => [`fault ${index}`, verdict]))
  const found = byHand.map((verdict) =>
    verdictsOf(new Map(), new Map([['an answer is never sent', verdict]])),
  )
  const known = { rule, version: 1, isPlayedBack: false }
  const all = [verdictsOf(faults, new Map()), ...found].map((one) => ({ ...known, ...one }))
  const tried = generated.length === 0 ? all.slice(1) : all
  return faultReport(tried, { skipped: [], seed: 1, durationMs: 1 })
}

it('a run shows that rules bite only where each was tried and noticed every fault', () => {
  expect(showsThatRulesBite(reportOf(['judged', 'in vain', 'not placed']))).toBe(true)
  expect(showsThatRulesBite(reportOf(['judged', 'survived']))).toBe(false)
  expect(showsThatRulesBite(reportOf(['not placed']))).toBe(false)
  expect(showsThatRulesBite(reportOf([]))).toBe(false)
})

it('a fault of whole answers is caught only where each rule noticed', () => {
  expect(reportOf([], ['in vain', 'judged'])).toMatchObject({ injected: 1, caught: 1 })
  expect(reportOf([], ['in vain', 'judged']).handWritten).toEqual([
    { name: 'an answer is never sent', tried: 2, caught: 2, inVain: 1 },
  ])
  expect(reportOf([], ['in vain', 'survived'])).toMatchObject({ injected: 1, caught: 0 })
})
