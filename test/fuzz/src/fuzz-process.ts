// One fuzzer in a process of its own: `fuzz-process.ts NAME BLACK_BOX`, told by messages what to do. After the message `close`
// it has to end by itself: what keeps it then was left behind by what it tested.
import { setImmediate as turn } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import fc from 'fast-check'
import { BlackBox } from './black-box.js'
import { brokenFuzzers } from './fuzzers/broken.js'
import { fuzzers } from './fuzzers/index.js'
import type { Answer, Finding, Work } from './work.js'

const [name, blackBoxPath = ''] = process.argv.slice(2)
const definition = [...fuzzers, ...brokenFuzzers].find((each) => each.name === name)
if (definition === undefined) throw new Error(`there is no fuzzer ${name}`)
/** Of the whole process, between batches. */
const maxHeapBytes = 400 * 1024 * 1024

const escaped: unknown[] = []
process.on('unhandledRejection', (error) => escaped.push(error))
process.on('uncaughtException', (error) => escaped.push(error))

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** A fault of the fuzzer itself: no input could be made. */
function giveUp(error: unknown): never {
  console.error(describe(error))
  process.exit(3)
}

const box = new BlackBox(blackBoxPath)
// A rejection here would reach `escaped` and stay there.
const fuzzer = await Promise.resolve(definition.create()).catch(giveUp)
let executions = 0

const heldBytes = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** Throws what escaped, if anything did. */
function throwEscaped(what: string): void {
  const [error] = escaped.splice(0)
  if (error !== undefined) throw new Error(`${what}: ${describe(error)}`, { cause: error })
}

/** Tries one input; everything that may not happen becomes an exception. */
async function tryInput(input: Uint8Array): Promise<void> {
  box.note(input)
  executions += 1
  const before = heldBytes()
  try {
    throwEscaped('an input before this one left what nobody caught')
    await fuzzer.run(input)
    // Rejections that nobody caught are told once the microtasks are done, and a whole batch may be nothing else.
    await turn()
    throwEscaped('nobody caught')
    const growth = heldBytes() - before
    if (growth > fuzzer.maxGrowthBytes) throw new Error(`one run took ${growth} bytes of memory`)
  } catch (error) {
    await fuzzer.reset?.()
    escaped.length = 0
    throw error
  }
}

async function runBatch({ seed, path }: Work & { kind: 'batch' }): Promise<Finding | undefined> {
  const property = fc.asyncProperty(fuzzer.inputs, tryInput)
  const options = {
    seed,
    numRuns: fuzzer.batchRuns,
    endOnFailure: fuzzer.isSlow === true,
    ...(path !== undefined && { path }),
  }
  const result = await fc.check(property, options)
  if (result.failed) {
    const input = result.counterexample?.[0] ?? new Uint8Array(0)
    return {
      what: describe(result.errorInstance),
      seed: result.seed,
      path: result.counterexamplePath ?? '',
      hex: Buffer.from(input).toString('hex'),
    }
  }
  globalThis.gc?.()
  const held = heldBytes()
  return held > maxHeapBytes
    ? { what: `${held} bytes of memory after a batch`, seed, hex: '' }
    : undefined
}

async function replay(hex: string): Promise<Finding | undefined> {
  try {
    await tryInput(Buffer.from(hex, 'hex'))
    return undefined
  } catch (error) {
    return { what: describe(error), hex }
  }
}

async function serve(work: Work): Promise<void> {
  executions = 0
  if (work.kind === 'close') {
    // Until the very end: what an input left behind may come late.
    process.on('exit', () => {
      if (escaped.length === 0) return
      console.error(`nobody caught: ${escaped.map(describe).join('\n')}`)
      process.exitCode = 4
    })
    await fuzzer.close?.()
    box.close()
    process.disconnect()
    return
  }
  const finding = work.kind === 'batch' ? await runBatch(work) : await replay(work.hex)
  const { batchRuns } = fuzzer
  const answer: Answer = { executions, batchRuns, ...(finding !== undefined && { finding }) }
  process.send?.(answer)
}

process.on('message', (work: Work) => {
  serve(work).catch(giveUp)
})
