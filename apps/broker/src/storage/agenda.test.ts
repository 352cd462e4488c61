import { createVirtualClock } from '@ottla/network/simulation'
import { describe, expect, test } from 'vitest'
import { Agenda } from './agenda.js'

describe('an agenda', () => {
  const make = (): {
    clock: ReturnType<typeof createVirtualClock>
    agenda: Agenda
    done: string[]
  } => {
    const clock = createVirtualClock({ startMs: 1000 })
    const done: string[] = []
    const agenda = new Agenda(clock, (key) => done.push(`${key} failed`))
    return { clock, agenda, done }
  }

  test('does things in the order of their times, with one timer', async () => {
    const { clock, agenda, done } = make()
    for (const dueMs of [1500, 1100, 1900, 1300, 1700, 1100.5]) {
      agenda.schedule(String(dueMs), dueMs, () => done.push(String(dueMs)))
    }
    await clock.advance(600)
    expect(done).toEqual(['1100', '1100.5', '1300', '1500'])
    await clock.advance(600)
    expect(done).toEqual(['1100', '1100.5', '1300', '1500', '1700', '1900'])
    expect(agenda.size).toBe(0)
  })

  test('takes the newest time of a key, and takes it off', async () => {
    const { clock, agenda, done } = make()
    agenda.schedule('a', 1100, () => done.push('early'))
    agenda.schedule('a', 1200, () => done.push('late'))
    agenda.schedule('b', 1100, () => done.push('b'))
    agenda.schedule('b', Number.POSITIVE_INFINITY, () => done.push('b'))
    agenda.schedule('c', 1100, () => done.push('c'))
    agenda.cancel('c')
    await clock.advance(1000)
    expect(done).toEqual(['late'])
  })

  test('goes on after something that throws', async () => {
    const { clock, agenda, done } = make()
    agenda.schedule('bad', 1100, () => {
      throw new Error('no')
    })
    agenda.schedule('good', 1101, () => done.push('good'))
    await clock.advance(1000)
    expect(done).toEqual(['bad failed', 'good'])
  })
})
