import { expect, test } from 'vitest'
import { complaints } from './dump-log.js'

const segment = '/data/t-0/00000000000000001000.log'

test('the first offset of a later segment is no fault', () => {
  expect(complaints([`Non-consecutive offsets in ${segment}`, '  -1 is followed by 1000'])).toEqual(
    [],
  )
})

test.each([
  [[`Non-consecutive offsets in ${segment}`, '  1005 is followed by 1007']],
  [[`Non-consecutive offsets in ${segment}`, '  -1 is followed by 1001']],
  [
    [
      `Non-consecutive offsets in ${segment}`,
      '  -1 is followed by 1000',
      '  1005 is followed by 1007',
    ],
  ],
  [[`Mismatches in :${segment}`]],
  [['Found timestamp mismatch in :/data/t-0/0.timeindex']],
  [['baseOffset: 0 lastOffset: 1 count: 2 isvalid: false']],
])('what is a fault: %j', (lines) => {
  expect(complaints(lines)).not.toEqual([])
})
