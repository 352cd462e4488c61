// One client and one pain, in a process of its own: `trial-process.ts CLIENT PAIN`. Prints a Verdict as JSON and has to
// end by itself: what keeps the process is the client's.
import { setTimeout as delay } from 'node:timers/promises'
import { startBroker } from '@ottla/broker'
import { createTopic } from '@ottla-test/apache-kafka'
import { clients } from './clients/index.js'
import { pains } from './pains/index.js'
import type { Verdict } from './verdict.js'

const [clientName, painId] = process.argv.slice(2)
const client = clients.find(({ name }) => name === clientName)
const pain = pains.find(({ id }) => id === painId)
if (client === undefined || pain === undefined) {
  throw new Error(`There is no ${clientName} or no ${painId}`)
}
const pollMs = 20
let crash: unknown
process.on('unhandledRejection', (error) => {
  crash ??= error
})

const broker = await startBroker({ configs: { ...pain.configs } })
await createTopic(broker.bootstrapServers, pain.topic.name, pain.topic.partitions)
let verdict: Verdict
try {
  await pain.test({
    client,
    broker,
    until: async (what, holds, timeoutMs) => {
      const deadline = performance.now() + timeoutMs
      while (!(await holds())) {
        if (performance.now() > deadline) throw new Error(`not ${what} after ${timeoutMs / 1000} s`)
        await delay(pollMs)
      }
    },
  })
  verdict = { passed: true }
} catch (error) {
  verdict = { passed: false, seen: error instanceof Error ? error.message : String(error) }
}
if (verdict.passed && crash !== undefined) {
  verdict = { passed: false, seen: `an unhandled rejection: ${String(crash)}` }
}
await broker.close({ timeoutMs: 500 })
process.stdout.write(`${JSON.stringify(verdict)}\n`)
// A client that failed may hold on to anything; one that passed has to let go by itself.
if (!verdict.passed) process.exit(0)
