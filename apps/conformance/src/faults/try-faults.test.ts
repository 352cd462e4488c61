import { Metadata } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { noneOf } from '../match/index.js'
import type { PathRead } from '../run/path-read.js'
import type { Result } from '../run/result.js'
import type { Fault } from './fault.js'
import { verdictsOf } from './inject-into.js'
import { tryFaults } from './try-faults.js'

const path = ['controllerId']
const exchange = { index: 1, api: Metadata, version: 12, request: {} }
const place = { api: Metadata, version: 12, correlationId: 1 }
const fault = { name: 'broken', rules: [], place, path, apply: () => undefined } satisfies Fault

const passed = (...wanted: unknown[]): Partial<Result> => ({
  status: 'passed',
  reads: wanted.map((one): PathRead => ({ exchange, path, wanted: one, actual: 1 })),
})

const failed = (message: string, notJudged = false): Partial<Result> => ({
  status: 'failed',
  failure: { message, notJudged, differences: [] },
})

describe('a fault', () => {
  /** What became of it where the rule ends like this, at first and with more time. */
  async function verdictOn(
    { injected = 1, ...one }: Partial<Fault> & { injected?: number },
    hasty: Partial<Result>,
    patient?: Partial<Result>,
  ) {
    const proxy = { fault: undefined as Fault | undefined, injected: 0 }
    const run = async (isPatient: boolean) => {
      proxy.injected = injected
      if (isPatient && patient === undefined) throw new Error('asked again')
      return { reads: [], ...(isPatient ? patient : hasty) } as Partial<Result> as Result
    }
    return (await tryFaults([{ ...fault, ...one }], { proxy, run })).get('broken')
  }

  it('is caught where the rule says what is wrong, and survives where it passes', async () => {
    expect(await verdictOn({}, failed('The answer is not what the rule says.'))).toBe('judged')
    expect(await verdictOn({}, passed())).toBe('survived')
  })

  it('that the rule waits for in vain is asked again with more time', async () => {
    const late = failed('Waiting for Metadata v12: no answer in 500 ms.')
    expect(await verdictOn({}, late, passed())).toBe('survived')
    expect(await verdictOn({}, late, late)).toBe('in vain')
    const never = failed('Waited 500 ms in vain for a leader.')
    expect(await verdictOn({}, never, failed('Not so: x.'))).toBe('judged')
    const thrown = failed('Could not be judged: x is undefined', true)
    expect(await verdictOn({}, thrown, thrown)).toBe('in vain')
  })

  it('that makes rules wait is not asked again', async () => {
    const never = failed('Waited 500 ms in vain for a leader.')
    expect(await verdictOn({ place: { ...place, loop: 0 } }, never)).toBe('in vain')
    expect(await verdictOn({ place: undefined }, never)).toBe('in vain')
  })

  it('that changed no answer is not placed', async () => {
    expect(await verdictOn({ injected: 0 }, passed())).toBe('not placed')
  })

  it('is none where the rule wants another value in this run, and only there', async () => {
    const { says } = noneOf(1)
    expect(await verdictOn({ says }, passed(noneOf(2)))).toBe('not placed')
    expect(await verdictOn({ says }, passed(noneOf(2), noneOf(1)))).toBe('survived')
    expect(await verdictOn({ says: undefined }, passed(noneOf(2)))).toBe('survived')
  })
})

describe('the sums over verdicts', () => {
  it('count what was caught in vain and what was not placed apart', () => {
    const generated = [
      ['a', 'judged'],
      ['b', 'in vain'],
      ['c', 'survived'],
      ['d', 'not placed'],
    ] as const
    expect(verdictsOf(new Map(generated), new Map())).toMatchObject({
      injected: 3,
      caught: 2,
      inVain: 1,
      notPlaced: 1,
      survivors: ['c'],
      unusable: undefined,
    })
  })

  it('name a fault of whole answers that a rule missed, and none that another rule may notice', () => {
    const missed = 'an answer lacks its last byte'
    const byHand = [
      [missed, 'survived'],
      ['the first fetched batch is lost', 'survived'],
    ] as const
    expect(verdictsOf(new Map(), new Map(byHand)).survivors).toEqual([missed])
  })

  it('say why nothing was tried', () => {
    const none = verdictsOf(new Map(), new Map())
    expect(none.unusable).toBe('nothing that it reads can be broken')
    const unplaced = verdictsOf(new Map([['a', 'not placed']]), new Map())
    expect(unplaced.unusable).toBe('no fault reached an answer')
  })
})
