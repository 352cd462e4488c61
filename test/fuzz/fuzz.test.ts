import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCorpus } from './src/corpus.js'
import { fuzzers } from './src/fuzzers/index.js'
import { anySeed, batchSeed } from './src/seeds.js'
import { WatchedFuzzer } from './src/watched-fuzzer.js'

const { FUZZ_SEED } = process.env
const seed = FUZZ_SEED === undefined ? anySeed() : Number(FUZZ_SEED)

describe.each(fuzzers)(`$name, FUZZ_SEED=${seed}`, ({ name, property, suiteRuns }) => {
  let fuzzer: WatchedFuzzer
  beforeAll(() => {
    fuzzer = new WatchedFuzzer(name)
  })
  afterAll(async () => {
    await fuzzer.close()
  })

  it('holds for what is kept in the corpus', async () => {
    const kept = readCorpus(name)
    expect(kept.length).toBeGreaterThan(0)
    for (const { name: file, hex } of kept) {
      const { finding } = await fuzzer.replay(hex)
      expect(finding?.what, file).toBe(undefined)
    }
  })

  it(property, async () => {
    for (let batch = 0, done = 0; done < suiteRuns; batch += 1) {
      const { finding, executions, batchRuns } = await fuzzer.batch(batchSeed(seed, name, batch))
      expect(finding).toBe(undefined)
      expect(executions).toBe(batchRuns)
      done += executions
    }
  })

  it('lets go of everything', async () => {
    expect(await fuzzer.close()).toBe(undefined)
  })
})
