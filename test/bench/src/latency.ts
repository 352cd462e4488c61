import { answer, type Job, startMeasurement, type Times } from './job.ts'

/** Sends one record of the job's size and resolves when the broker confirmed it. */
export type SendOne = () => Promise<unknown>

/** Joins a group, resolves with the first record's arrival, and gives what ends the consumer. */
export type ReadFirst = (groupId: string) => Promise<() => Promise<unknown>>

/** How many sends are under way at the same time in the case `concurrent`. */
const concurrency = 100

/** One send after the other: how long each takes. */
export async function measureSingles(job: Job, sendOne: SendOne): Promise<never> {
  for (let sent = 0; sent < job.warmUpRecords; sent++) await sendOne()
  const times = new Float64Array(job.records)
  const stop = startMeasurement()
  for (let sent = 0; sent < job.records; sent++) {
    const startedAt = performance.now()
    await sendOne()
    times[sent] = performance.now() - startedAt
  }
  answer({ ...stop(job.records), times: timesOf(times) })
}

/** A hundred callers, each of which awaits its send before the next. */
export async function measureConcurrent(job: Job, sendOne: SendOne): Promise<never> {
  await sendAll(job.warmUpRecords)
  const times = new Float64Array(job.records)
  const stop = startMeasurement()
  await sendAll(job.records, times)
  answer({ ...stop(job.records), times: timesOf(times) })

  async function sendAll(count: number, into?: Float64Array): Promise<void> {
    let begun = 0
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (begun < count) {
          const index = begun++
          const startedAt = performance.now()
          await sendOne()
          if (into !== undefined) into[index] = performance.now() - startedAt
        }
      }),
    )
  }
}

/** Fresh consumers in groups of their own, one after the other: from making the client to its first record. */
export async function measureFirstRecords(job: Job, readFirst: ReadFirst): Promise<never> {
  const stem = `first-${process.pid}-${process.hrtime.bigint()}`
  for (let round = 0; round < job.warmUpRecords; round++) {
    await (await readFirst(`${stem}-warm-${round}`))()
  }
  const times = new Float64Array(job.records)
  const stop = startMeasurement()
  for (let round = 0; round < job.records; round++) {
    const startedAt = performance.now()
    const end = await readFirst(`${stem}-${round}`)
    times[round] = performance.now() - startedAt
    await end()
  }
  answer({ ...stop(job.records), times: timesOf(times) })
}

/** The percentiles of these times, which it sorts. */
export function timesOf(milliseconds: Float64Array): Times {
  milliseconds.sort()
  const at = (share: number) => (milliseconds[Math.floor(milliseconds.length * share)] ?? 0) * 1000
  return { p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999) }
}
