// The brokers alone, side by side: a raw load on one core, the broker on the other, rounds interleaved.
//
//   pnpm bench:brokers [--rounds 3] [--seconds 2] [--only NAME] [--write]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createTopic, newestNode } from '@ottla-test/apache-kafka'
import { machine } from '../circumstances.ts'
import type { MeasuredBroker } from '../limit/start-bare-broker.ts'
import { writePlot } from '../plot/write-plot.ts'
import { touchMemory } from '../touch-memory.ts'
import { type BrokerRow, formatBrokers, type LoadCase, loadCases } from './broker-report.ts'
import { type BenchBroker, brokers } from './brokers.ts'
import type { LoadJob, LoadResult } from './load.ts'
import { cpuSecondsOf, pin, rssMegabytesOf } from './process-usage.ts'

const brokerCore = 0
const loadCore = 1
/** Data that a broker must not keep in memory, and that fits the page cache. */
const fetchMegabytes = 200

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const here = fileURLToPath(new URL('.', import.meta.url))
const node = await newestNode()
const chosen = brokers.filter(({ name }) => flags.only === undefined || name.includes(flags.only))
const rows: BrokerRow[] = chosen.map(({ name }) => ({
  name,
  startMs: [],
  idleMegabytes: [],
  loadedMegabytes: [],
  cases: new Map(),
}))

touchMemory()
for (let round = 0; round < Number(flags.rounds); round++) {
  // Nobody always goes first, or after the same other.
  for (let turn = 0; turn < chosen.length; turn++) {
    const index = (turn + round) % chosen.length
    await measure(chosen[index] as BenchBroker, rows[index] as BrokerRow)
  }
}
const report = formatBrokers(rows, {
  node: process.version,
  machine: machine(),
  command: `pnpm bench:brokers --rounds ${flags.rounds} --seconds ${flags.seconds}`,
})
console.log(report)
if (flags.write) {
  mkdirSync(join(here, '../../results'), { recursive: true })
  const page = join(here, '../../results/brokers.md')
  writeFileSync(page, report)
  writePlot(page)
}

/** One life of a broker: start, idle, every load. */
async function measure({ name, start }: BenchBroker, row: BrokerRow): Promise<void> {
  const began = performance.now()
  const target = await start()
  row.startMs.push(performance.now() - began)
  try {
    pin(target.pids, brokerCore)
    row.idleMegabytes.push(rssMegabytesOf(target.pids))
    for (const one of loadCases) {
      const topic = `bench-${one.kind}-${one.bytes}`
      await createTopic(target.bootstrapServers, topic, 1)
      if (one.kind === 'fetch') await fill(target, topic)
      const measured = await load(target, { ...one, topic })
      const all = row.cases.get(one) ?? []
      all.push(measured)
      row.cases.set(one, all)
      const us = (measured.cpuSeconds / measured.requests) * 1e6
      const rate = Math.round(measured.requests / measured.seconds)
      console.error(`${name}: ${one.label}: ${rate}/s, ${us.toFixed(1)} us CPU each`)
    }
    row.loadedMegabytes.push(rssMegabytesOf(target.pids))
  } finally {
    await target.remove()
  }
}

/** What the load measured, with the CPU seconds that the broker spent meanwhile. */
async function load(
  target: MeasuredBroker,
  one: LoadCase & { topic: string },
): Promise<LoadResult & { cpuSeconds: number }> {
  const job: LoadJob = {
    kind: one.kind,
    bytes: one.bytes,
    inFlight: one.inFlight,
    topic: one.topic,
    address: target.bootstrapServers,
    acks: 1,
    warmUpSeconds: 1,
    seconds: Number(flags.seconds),
  }
  const args = ['--conditions', '@ottla/source', '--import', 'tsx', join(here, 'load.ts')]
  const child = spawn('taskset', ['-c', String(loadCore), node, ...args, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: here,
  })
  let output = ''
  let problems = ''
  let started = 0
  let stopped = 0
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    if (text.includes('start\n')) started = cpuSecondsOf(target.pids)
    if (text.includes('stop\n')) stopped = cpuSecondsOf(target.pids)
    problems += text
  })
  const [status] = (await once(child, 'close')) as [number]
  if (status !== 0) throw new Error(`${one.label}: the load ended with ${status}\n${problems}`)
  return { ...(JSON.parse(output) as LoadResult), cpuSeconds: stopped - started }
}

/** Fills the topic's partition for fetches. */
async function fill(target: MeasuredBroker, topic: string): Promise<void> {
  const { batchOf, produceFrame, produceError, RawConnection } = await import('./wire.ts')
  const connection = await RawConnection.open(target.bootstrapServers)
  const { batch } = batchOf(100_000)
  const frame = produceFrame(topic, 0, batch, 1)
  const wanted = Math.ceil((fetchMegabytes * 1e6) / batch.length)
  let answered = 0
  await new Promise<void>((resolve, reject) => {
    connection.onFrame((answer) => {
      if (produceError(answer) !== 0) reject(new Error(`Produce: error ${produceError(answer)}`))
      answered++
      if (answered === wanted) resolve()
      else if (answered + 4 < wanted) connection.write([frame])
    })
    for (let sent = 0; sent < 5; sent++) connection.write([frame])
  })
  connection.close()
}
