import { describe, expect, it } from 'vitest'
import { WatchedFuzzer } from './src/watched-fuzzer.js'

/** An input that does harm: its first byte is more than 230. */
const harm = /^(e[7-9a-f]|f[0-9a-f])/

describe('a fuzzer whose property does not hold', () => {
  it.each([
    ['throws', /not one of ours/],
    ['exits', /the process exited with status 7/],
    ['aborts', /the process was ended by SIGABRT/],
    ['hangs', /no end after 4000 ms/],
    ['waits', /no end after 4000 ms/],
    ['rejects', /nobody caught: Error: left alone/],
    ['hoards', /one run took \d{8} bytes of memory/],
  ])('that %s is found out, with the input', async (name, what) => {
    const fuzzer = new WatchedFuzzer(name, 4000)
    try {
      const { finding } = await fuzzer.batch(1)
      expect(finding?.what).toMatch(what)
      expect(finding?.hex).toMatch(harm)
    } finally {
      await fuzzer.close()
    }
  })

  it('that leaves a rejection in its last input is found out by that input', async () => {
    const fuzzer = new WatchedFuzzer('rejects')
    try {
      expect((await fuzzer.replay('00')).finding).toBe(undefined)
      expect((await fuzzer.replay('ff')).finding).toMatchObject({
        what: expect.stringMatching(/nobody caught: Error: left alone/),
        hex: 'ff',
      })
    } finally {
      expect(await fuzzer.close()).toBe(undefined)
    }
  })

  it('that leaves a rejection after its last input is found out at the end', async () => {
    const fuzzer = new WatchedFuzzer('rejectsLate')
    expect((await fuzzer.replay('ff')).finding).toBe(undefined)
    expect((await fuzzer.close())?.what).toMatch(/status 4: nobody caught: Error: left alone/)
  })

  it('that ends between two inputs is found out by the next, and starts again', async () => {
    const fuzzer = new WatchedFuzzer('exitsLate')
    try {
      expect((await fuzzer.replay('ff')).finding).toBe(undefined)
      await fuzzer.gone()
      const what = expect.stringMatching(/the process exited with status 7/)
      expect((await fuzzer.replay('00')).finding).toMatchObject({ what, hex: 'ff' })
      expect((await fuzzer.replay('00')).finding).toBe(undefined)
    } finally {
      expect(await fuzzer.close()).toBe(undefined)
    }
  })

  it('that ends before it is closed is found out', async () => {
    const fuzzer = new WatchedFuzzer('exitsLate')
    await fuzzer.replay('ff')
    await fuzzer.gone()
    expect((await fuzzer.close())?.what).toMatch(/the process exited with status 7/)
  })

  it('that never starts is found out', async () => {
    const fuzzer = new WatchedFuzzer('neverStarts')
    try {
      expect((await fuzzer.batch(1)).finding?.what).toMatch(/status 3: Error: nothing to try/)
    } finally {
      await fuzzer.close()
    }
  })

  it('that stays is found out at the end', async () => {
    const fuzzer = new WatchedFuzzer('stays', undefined, 4000)
    expect((await fuzzer.batch(1)).finding).toBe(undefined)
    expect(await fuzzer.close()).toMatchObject({ what: expect.stringMatching(/did not end/) })
  })
})
