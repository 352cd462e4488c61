import { describe, expect, it } from 'vitest'
import { Reviver } from './reviver.js'

describe('a reviver', () => {
  it('runs again what failed while the target fell over', async () => {
    let isDown = true
    const reviver = new Reviver(() => {
      const wasDown = isDown
      isDown = false
      return Promise.resolve(wasDown)
    })
    let runs = 0
    const code = () => Promise.resolve(++runs)
    expect(await reviver.run(code, (count) => count === 1)).toBe(2)
    expect(reviver.count).toBe(1)
  })

  it('takes a failure as it is when the target stands, and the third in any case', async () => {
    let runs = 0
    const code = () => Promise.resolve(++runs)
    expect(await new Reviver(() => Promise.resolve(false)).run(code, () => true)).toBe(1)
    expect(await new Reviver(undefined).run(code, () => true)).toBe(2)
    expect(await new Reviver(() => Promise.resolve(true)).run(code, () => true)).toBe(5)
  })

  it('asks again after the target could not be started', async () => {
    const answers = [() => Promise.reject(new Error('no port')), () => Promise.resolve(true)]
    const reviver = new Reviver(() => answers.shift()?.() ?? Promise.resolve(false))
    let runs = 0
    const code = () => Promise.resolve(++runs)
    expect(await reviver.run(code, () => true)).toBe(1)
    expect(reviver.count).toBe(0)
    expect(await reviver.run(code, (count) => count < 3)).toBe(3)
    expect(reviver.count).toBe(1)
  })
})
