// Sleeps from millisecond to millisecond and tells the main thread each: see ticker.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { nowMs } from './ticker.ts'

const ticks = workerData as number
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const first = nowMs() + 5
for (let tick = 0; tick < ticks; tick++) {
  const due = first + tick
  const left = due - nowMs()
  if (left > 0) Atomics.wait(sleeper, 0, 0, left)
  parentPort?.postMessage(due)
}
