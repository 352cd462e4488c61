import { Worker } from 'node:worker_threads'

/** A clock that threads share: milliseconds, with microseconds behind the point. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * Calls back once a millisecond, `ticks` times, with the moment at which the call was due. A thread of its own keeps the time:
 * Node's timers come up to a millisecond late, and when this thread was busy the calls it missed come one after the other,
 * each with its own due time, so that whoever counts from there leaves no wait out (coordinated omission).
 */
export async function everyMillisecond(
  ticks: number,
  onTick: (dueMs: number) => void,
): Promise<void> {
  const worker = new Worker(new URL('./ticker-thread.ts', import.meta.url), { workerData: ticks })
  let seen = 0
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', (dueMs: number) => {
      onTick(dueMs)
      if (++seen === ticks) resolve()
    })
  })
  await worker.terminate()
}
