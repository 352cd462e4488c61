// Measures the codec of one tree in a process of its own: takes a CodecJob as JSON, prints a CodecResult as JSON.
import { codecCases, type Protocol } from './codec-cases.ts'

/** What to measure. */
export interface CodecJob {
  /** The entry of the codec, as `import` takes it. */
  readonly protocol: string
  /** Names of cases; all of them if there are none. */
  readonly names: readonly string[]
  readonly samples: number
  readonly sampleMs: number
}

/** Nanoseconds of CPU time that a unit took, sample by sample, by the case's name. Cases that this codec lacks are absent. */
export type CodecResult = Readonly<Record<string, readonly number[]>>

const warmUpMs = 100

const job = JSON.parse(process.argv[2] as string) as CodecJob
const protocol = (await import(job.protocol)) as Protocol
const result: Record<string, number[]> = {}
let sink = 0
for (const { name, units, make } of codecCases) {
  if (job.names.length > 0 && !job.names.includes(name)) continue
  let run: () => number
  try {
    run = make(protocol)
    run()
  } catch {
    // An older codec may lack what a new case is of.
    continue
  }
  result[name] = measure(run, units)
}
if (sink === 0) throw new Error('nothing was measured')
process.stdout.write(`${JSON.stringify(result)}\n`)

/** CPU time instead of the clock's: a process that has to wait for a core must not look slow. */
function measure(run: () => number, units: number): number[] {
  const perCall = spend(run, callsIn(run, warmUpMs))
  const calls = Math.max(1, Math.round((job.sampleMs * 1e6) / perCall))
  return Array.from({ length: job.samples }, () => spend(run, calls) / units)
}

/** How many calls take about so long, found by doing them. */
function callsIn(run: () => number, ms: number): number {
  let calls = 1
  while (spend(run, calls) * calls < ms * 1e6) calls *= 2
  return calls
}

function spend(run: () => number, calls: number): number {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) sink += run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / calls
}
