import { answer, distinctValues, type Job, startMeasurement, valuesOf } from './job.ts'
import { timesOf } from './latency.ts'
import { everyMillisecond, nowMs } from './ticker.ts'

/** Sends one record with this value and resolves when the broker confirmed it. */
export type SendValue = (value: Buffer) => Promise<unknown>

/** Reads the job's topic from its start, in a group of its own, and calls back with every value. */
export type ReadValues = (onValue: (value: Buffer) => void) => unknown

/** Sends that come at a fixed rate, however long they take: each counts from when it was due. */
export async function measureRate(job: Job, send: SendValue): Promise<never> {
  const values = valuesOf(distinctValues, job.valueBytes)
  await sendAll(job.warmUpRecords)
  const times = new Float64Array(job.records)
  const stop = startMeasurement()
  await sendAll(job.records, times)
  answer({ ...stop(job.records), times: timesOf(times) })

  async function sendAll(count: number, into?: Float64Array): Promise<void> {
    const all: Promise<unknown>[] = []
    await atRate(job, count, (index, dueMs) => {
      const value = values[index % distinctValues] as Buffer
      const sent = send(value).then(() => {
        if (into !== undefined) into[index] = nowMs() - dueMs
      })
      all.push(sent)
    })
    await Promise.all(all)
  }
}

/** From when a record was due to be sent until a consumer of the same process has it in hand. */
export async function measureEndToEnd(job: Job, send: SendValue, read: ReadValues): Promise<never> {
  const times = new Float64Array(job.records)
  const values = valuesOf(distinctValues, job.valueBytes)
  let seen = 0
  let wanted = job.warmUpRecords
  let reached: () => void = () => undefined
  void read((value) => {
    const index = seen++ - job.warmUpRecords
    if (index >= 0) times[index] = nowMs() - value.readDoubleLE(0)
    if (seen === wanted) reached()
  })
  await sendAndRead(job.warmUpRecords)
  wanted += job.records
  const stop = startMeasurement()
  await sendAndRead(job.records)
  answer({ ...stop(job.records), times: timesOf(times) })

  async function sendAndRead(count: number): Promise<void> {
    const all = new Promise<void>((resolve) => {
      reached = resolve
    })
    const sent: Promise<unknown>[] = []
    await atRate(job, count, (index, dueMs) => {
      // A copy: a value that is still to be sent must keep its own stamp.
      const value = Buffer.from(values[index % distinctValues] as Buffer)
      value.writeDoubleLE(dueMs, 0)
      sent.push(send(value))
    })
    await Promise.all(sent)
    await all
  }
}

/** As many a millisecond as the job's rate says. */
async function atRate(
  { rate }: Job,
  count: number,
  sendOne: (index: number, dueMs: number) => void,
): Promise<void> {
  const each = rate / 1000
  let index = 0
  await everyMillisecond(Math.ceil(count / each), (dueMs) => {
    for (let sent = 0; sent < each && index < count; sent++) sendOne(index++, dueMs)
  })
}
