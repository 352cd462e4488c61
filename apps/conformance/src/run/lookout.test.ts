import { expect, it } from 'vitest'
import { Lookout } from './lookout.js'

const options = { patienceMs: 50, pauseMs: 1 }

it('a target that answers again in time is not gone', async () => {
  let knocks = 0
  const lookout = new Lookout(
    () => (++knocks < 3 ? Promise.reject(new Error('x')) : Promise.resolve()),
    options,
  )
  expect(await Promise.all([lookout.look(), lookout.look()])).toEqual([undefined, undefined])
  expect(knocks, 'one look for both').toBe(3)
})

it('a target that does not answer for long is gone, and the next look is a new one', async () => {
  let isGone = true
  const knock = () => (isGone ? Promise.reject(new Error('refused')) : Promise.resolve())
  const lookout = new Lookout(knock, options)
  expect(await lookout.look()).toBe('refused')
  isGone = false
  expect(await lookout.look()).toBe(undefined)
})
