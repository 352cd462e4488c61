import { expect, it } from 'vitest'
import { untilStopped } from './until-stopped.js'

const stop = AbortSignal.abort()
const closed = Object.assign(new Error('closed'), { code: 'OTTLA_CLOSED' })
const failing = (error: unknown) => () => Promise.reject(error)

it('takes an interruption for a good end once it was stopped', async () => {
  await untilStopped(stop, failing(stop.reason))
  await untilStopped(stop, failing(closed))
})

it('fails with what is no interruption, also when it was stopped', async () => {
  const refused = Object.assign(new Error('no'), { code: 'OTTLA_BROKER' })
  await expect(untilStopped(stop, failing(refused))).rejects.toBe(refused)
})

it('fails with any error when nobody stopped it', async () => {
  const { signal } = new AbortController()
  await expect(untilStopped(signal, failing(closed))).rejects.toBe(closed)
})
