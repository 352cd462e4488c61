import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Stopper } from './stopper.js'

describe('a run that is to end early', () => {
  it('begins nothing more at once, and cuts what runs after its time', async () => {
    const wish = new AbortController()
    const stopper = new Stopper(wish.signal, 1)
    const cut = once(stopper.runs, 'abort')
    wish.abort()
    expect(stopper.begins.aborted).toBe(true)
    expect(stopper.runs.aborted).toBe(false)
    await cut
    stopper.end()
  })

  it('says the first reason, also of a wish that came before it', () => {
    const stopper = new Stopper(AbortSignal.abort(), 1_000)
    expect(stopper.why).toBe('it was asked to stop')
    stopper.stop('the target is gone')
    expect(stopper.why).toBe('it was asked to stop')
    stopper.end()
  })

  it('that is over hears of no wish', () => {
    const wish = new AbortController()
    const stopper = new Stopper(wish.signal, 1)
    stopper.end()
    wish.abort()
    expect(stopper.why).toBeUndefined()
  })
})
