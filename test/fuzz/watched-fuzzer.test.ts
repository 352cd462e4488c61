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

  it('that stays is found out at the end', async () => {
    const fuzzer = new WatchedFuzzer('stays')
    expect((await fuzzer.batch(1)).finding).toBe(undefined)
    expect(await fuzzer.close()).toMatchObject({ what: expect.stringMatching(/did not end/) })
  })
})
