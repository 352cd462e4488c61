import { Metadata } from '@ottla/protocol'
import { expect, it } from 'vitest'
import { loopOf, Recorder } from './recorder.js'

it('numbers the requests of each loop apart, and those of a loop within another with the outer one', async () => {
  const recorder = new Recorder()
  const ask = () => recorder.begin(Metadata, 12, {}).index
  expect([ask(), ask()]).toEqual([1, 2])
  const polls = await recorder.inLoop(async () => [ask(), await recorder.inLoop(async () => ask())])
  const later = await recorder.inLoop(async () => ask())
  expect(polls.map(loopOf)).toEqual([0, 0])
  expect(new Set(polls).size).toBe(2)
  expect(loopOf(later)).toBe(1)
  expect(ask()).toBe(3)
  expect(loopOf(3)).toBeUndefined()
})
