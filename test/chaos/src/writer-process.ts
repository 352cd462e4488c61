import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { WriterOrder, WriterReport } from './messages.js'
import { NumberedWriter } from './numbered-writer.js'

const reportIntervalMs = 1000
const paceMs = 20

const stopping = once(process, 'SIGTERM')
process.send?.('listening')
let stopped = false
void stopping.then(() => {
  stopped = true
})

const [order] = (await once(process, 'message')) as [WriterOrder]
const { recordsPerSecond } = order
const writer = new NumberedWriter({ ...order, window: 5000 })
const report = (done: boolean): void => {
  const acknowledged = [...writer.acknowledgedByKey()]
  process.send?.({ kind: 'written', acknowledged, done } satisfies WriterReport)
}
const timer = setInterval(() => report(false), reportIntervalMs)
let due = 0
let last = performance.now()
while (!stopped) {
  const now = performance.now()
  // What was missed while the broker was away is not made up for: the load is to be even.
  due = Math.min(due + ((now - last) / 1000) * recordsPerSecond, recordsPerSecond)
  last = now
  for (; due >= 1; due--) await writer.write()
  await delay(paceMs)
}
await writer.finish()
clearInterval(timer)
report(true)
process.disconnect?.()
