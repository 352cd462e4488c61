import { TimeoutError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { BufferMemory, type Waiter } from './buffer-memory.js'

const line = (memory: BufferMemory, log: string[]) => ({
  wait(name: string, bytes: number, deadlineMs = Infinity): Waiter {
    const waiter: Waiter = {
      bytes,
      deadlineMs,
      proceed: () => {
        memory.take(bytes)
        log.push(name)
      },
      giveUp: () => log.push(`${name} gave up`),
    }
    memory.wait(waiter)
    return waiter
  },
})

describe('buffer memory', () => {
  it('is open below a quarter of the limit and full at the limit', () => {
    const memory = new BufferMemory(100)
    memory.take(24)
    expect(memory.isOpen).toBe(true)
    memory.take(1)
    expect(memory.isOpen).toBe(false)
    expect(memory.fits(75)).toBe(true)
    expect(memory.fits(76)).toBe(false)
  })

  it('takes a record larger than itself when it is empty', () => {
    const memory = new BufferMemory(100)
    expect(memory.fits(1000)).toBe(true)
    memory.take(1)
    expect(memory.fits(1000)).toBe(false)
  })

  it('lets waiters in first come first served, and nobody past them', () => {
    const memory = new BufferMemory(100)
    const log: string[] = []
    memory.take(90)
    line(memory, log).wait('large', 60)
    line(memory, log).wait('small', 5)
    expect(memory.fits(1)).toBe(false)
    memory.give(40)
    expect(log).toEqual([])
    memory.give(10)
    expect(log).toEqual(['large'])
    memory.give(40)
    expect(log).toEqual(['large', 'small'])
    expect(memory.usedBytes).toBe(65)
  })

  it('sends away those whose time is over', () => {
    const memory = new BufferMemory(100)
    const log: string[] = []
    memory.take(100)
    line(memory, log).wait('first', 10, 1000)
    line(memory, log).wait('second', 10, 2000)
    expect(memory.firstDeadlineMs).toBe(1000)
    memory.expire(1500, () => new TimeoutError('late'))
    expect(log).toEqual(['first gave up'])
    expect(memory.firstDeadlineMs).toBe(2000)
  })

  it('tells when a good part is free, and at once when it is', () => {
    const memory = new BufferMemory(100)
    const log: string[] = []
    memory.onDrained(() => log.push('open'))
    memory.take(80)
    memory.onDrained(() => log.push('drained'))
    memory.onDrained(() => log.push('never'))()
    memory.give(60)
    expect(log).toEqual(['open'])
    memory.give(8)
    expect(log).toEqual(['open', 'drained'])
  })

  it('forgets who leaves the line, and lets in who stood behind', () => {
    const memory = new BufferMemory(100)
    const log: string[] = []
    const { wait } = line(memory, log)
    memory.take(50)
    const large = wait('large', 80)
    wait('small', 40)
    expect(memory.fits(1)).toBe(false)
    memory.leave(large)
    memory.leave(large)
    expect(log).toEqual(['small'])
    expect(memory.isExhausted).toBe(false)
  })

  it('keeps the order of a line of many thousands', () => {
    const memory = new BufferMemory(1)
    const log: string[] = []
    const { wait } = line(memory, log)
    memory.take(1)
    const names = Array.from({ length: 5000 }, (_, index) => `${index}`)
    for (const name of names) wait(name, 1)
    for (const _ of names) memory.give(1)
    expect(log).toEqual(names)
    expect(memory.firstDeadlineMs).toBe(Infinity)
  })
})
