import { expect, test } from 'vitest'
import { formatVerdicts, verdictOf } from './verdict.ts'

const compare = (base: number[], branch: number[]) => verdictOf({ name: 'x', base, branch }, 0.1)

test('says slower when every round of the branch is worse than every one of the base, by more than the tolerance', () => {
  expect(compare([100, 101, 99], [120, 118, 125])).toBe('slower')
})

test('says nothing of a difference within the tolerance, however steady', () => {
  expect(compare([100, 100, 100], [109, 109, 109])).toBe('same')
})

test('says nothing of medians that differ while rounds overlap', () => {
  expect(compare([100, 100, 160], [150, 150, 150])).toBe('same')
})

test('says faster by the same rule', () => {
  expect(compare([120, 118, 125], [100, 101, 99])).toBe('faster')
  expect(compare([120, 118, 99], [100, 101, 99])).toBe('same')
})

test('shows what is slower in its table', () => {
  const table = formatVerdicts([{ name: 'varints', base: [10, 10], branch: [20, 20] }], 0.1)
  expect(table).toContain('| varints | 10.0 (10.0–10.0) | 20.0 (20.0–20.0) | 2.00 | **slower** |')
})
