import fc from 'fast-check'
import type { FuzzerDefinition } from '../fuzzer.js'

/** Inputs of which the tenth or so is the bad one. */
const inputs = fc.uint8Array({ minLength: 1, maxLength: 8 })
const isBad = (input: Uint8Array): boolean => (input[0] ?? 0) > 230
const kept: unknown[] = []

/** What a bad input does in each of the fuzzers below. */
const faults: Readonly<Record<string, () => void | Promise<void>>> = {
  throws: () => {
    throw new TypeError('not one of ours')
  },
  exits: () => process.exit(7),
  aborts: () => process.abort(),
  hangs: () => {
    for (;;) {}
  },
  waits: () => new Promise(() => {}),
  rejects: () => {
    void Promise.reject(new Error('left alone'))
  },
  rejectsLate: () => {
    setTimeout(() => void Promise.reject(new Error('left alone')), 100)
  },
  exitsLate: () => {
    setTimeout(() => process.exit(7), 100)
  },
  hoards: () => {
    kept.push(new Uint8Array(64 * 1024 * 1024))
  },
  stays: () => {
    setInterval(() => {}, 1000)
  },
}

/** Fuzzers whose property does not hold, each in one of the ways that have to be noticed. */
export const brokenFuzzers: readonly FuzzerDefinition[] = [
  ...Object.entries(faults).map(([name, fault]) => ({
    name,
    property: 'none',
    suiteRuns: 0,
    create: () => ({
      inputs,
      batchRuns: 100,
      maxGrowthBytes: 16 * 1024 * 1024,
      run: (input: Uint8Array) => (isBad(input) ? fault() : undefined),
    }),
  })),
  {
    name: 'neverStarts',
    property: 'none',
    suiteRuns: 0,
    create: () => Promise.reject(new Error('nothing to try')),
  },
]
