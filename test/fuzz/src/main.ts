// Runs every fuzzer in turns and prints what was found.
//
//   pnpm fuzz --minutes N [--seed S] [--only NAME]        N minutes over all of them, or of one
//   pnpm fuzz --only NAME --seed S --path PATH            one input again, as a finding names it
//   pnpm fuzz --only NAME --input HEX                     one input
import { parseArgs } from 'node:util'
import { readCorpus } from './corpus.js'
import { fuzzers } from './fuzzers/index.js'
import { anySeed, batchSeed } from './seeds.js'
import { Tally } from './tally.js'
import { WatchedFuzzer } from './watched-fuzzer.js'

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string' },
    path: { type: 'string' },
    input: { type: 'string' },
  },
})
const chosen = fuzzers.filter(({ name }) => flags.only === undefined || name === flags.only)
if (chosen.length === 0) {
  throw new Error(`--only is one of ${fuzzers.map(({ name }) => name).join(', ')}`)
}
if (flags.path !== undefined && flags.seed === undefined) {
  throw new Error('--path is a place among the inputs of a seed: it needs --seed')
}
if ((flags.path ?? flags.input) !== undefined && flags.only === undefined) {
  throw new Error('--path and --input are for one fuzzer: they need --only')
}
const seed = flags.seed === undefined ? anySeed() : Number(flags.seed)
/** One turn of a fuzzer; each begins with a fresh process. */
const turnMs = Math.min(30_000, (Number(flags.minutes) * 60_000) / chosen.length)
const endAt = performance.now() + Number(flags.minutes) * 60_000
const tally = new Tally()

async function replayCorpus(name: string, fuzzer: WatchedFuzzer): Promise<void> {
  for (const { name: kept, hex } of readCorpus(name)) {
    const answer = await fuzzer.replay(hex)
    tally.add(name, answer, 0, `corpus/${name}/${kept}.hex`)
  }
}

async function close(name: string, fuzzer: WatchedFuzzer): Promise<void> {
  const finding = await fuzzer.close()
  if (finding !== undefined) tally.add(name, { executions: 0, batchRuns: 0, finding }, 0)
}

/** @returns the number of the next batch. */
async function takeTurn(name: string, firstBatch: number): Promise<number> {
  const fuzzer = new WatchedFuzzer(name)
  if (firstBatch === 0) await replayCorpus(name, fuzzer)
  let batch = firstBatch
  const turnEndAt = Math.min(performance.now() + turnMs, endAt)
  do {
    const started = performance.now()
    const answer = await fuzzer.batch(batchSeed(seed, name, batch))
    tally.add(name, answer, performance.now() - started)
    batch += 1
  } while (performance.now() < turnEndAt)
  await close(name, fuzzer)
  return batch
}

if (flags.input !== undefined || flags.path !== undefined) {
  const name = chosen[0]?.name ?? ''
  const fuzzer = new WatchedFuzzer(name)
  const { input, path = '' } = flags
  const answer = await (input === undefined ? fuzzer.batch(seed, path) : fuzzer.replay(input))
  tally.add(name, answer, 0)
  await close(name, fuzzer)
} else {
  console.log(`seed ${seed}`)
  const batches = new Map<string, number>()
  do {
    for (const { name } of chosen) {
      if (performance.now() < endAt || !batches.has(name)) {
        batches.set(name, await takeTurn(name, batches.get(name) ?? 0))
      }
    }
  } while (performance.now() < endAt)
}
console.log(tally.table())
console.log(tally.summary())
process.exitCode = tally.findings > 0 ? 1 : 0
