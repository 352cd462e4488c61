import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ApiVersions } from '@ottla/protocol'
import { median } from '../median.ts'
import { BrokerProcess } from './broker-process.ts'
import { Caller } from './caller.ts'
import type { Figure } from './figure.ts'

const starts = 5
const built = new URL('../../../../apps/broker/dist/index.js', import.meta.url)

/** A broker with nothing in it: the median of some starts, and its memory. */
export async function measureEmpty(node: string, folder: string): Promise<Figure[]> {
  const spawned: number[] = []
  const memory: number[] = []
  for (let start = 0; start < starts; start++) {
    const broker = await BrokerProcess.start(node, ['--data-dir', `${folder}/empty-${start}`])
    const caller = await Caller.open(broker.address)
    await caller.call(ApiVersions, 0, {})
    spawned.push(broker.readyMs)
    memory.push(broker.rssMegabytes)
    caller.close()
    await broker.end('SIGTERM')
  }
  const inProcess = Array.from({ length: starts }, () => readyInProcess(node))
  return [
    { what: 'empty: from spawn until ready', value: median(spawned), unit: 'ms', limit: 250 },
    { what: 'empty: ready in process', value: median(inProcess), unit: 'ms', limit: 30 },
    { what: 'empty: memory', value: median(memory), unit: 'MB', limit: 80 },
  ]
}

/** What `startBroker` takes in a test: a process that has the module, and a broker in memory. */
function readyInProcess(node: string): number {
  const script = `
    import { startBroker } from ${JSON.stringify(fileURLToPath(built))}
    const began = performance.now()
    const broker = await startBroker()
    console.log(performance.now() - began)
    await broker.close()`
  return Number(execFileSync(node, ['--input-type=module', '--eval', script], { encoding: 'utf8' }))
}
