// Produce and consume of small records: ours and the peers against one broker, each client in a
// process of its own, rounds interleaved, everything verified after it ran.
//
//   pnpm bench [--rounds 3] [--kind single] [--full] [--bootstrap HOST:PORT] [--node PATH] [--write]
//   pnpm bench --mode quick|full [--grid star|whole] [--only CLIENT] [--scale 0.1]: see grid/run-grid.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { newestNode } from '@ottla-test/apache-kafka'
import { Bench, checksumOf } from './bench.ts'
import { type Case, cases, warmUpRecords } from './cases.ts'
import { clientVersions, machine, nodeVersion } from './circumstances.ts'
import { runGrid } from './grid/run-grid.ts'
import type { Job, Measurement } from './job.ts'
import { writePlot } from './plot/write-plot.ts'
import { formatReport, type Row } from './report.ts'
import { touchMemory } from './touch-memory.ts'

const valueBytes = 100
const partitions = 6
/** Records of the topic that new consumers meet. */
const firstRecords = 1000
const results = join(import.meta.dirname, '../results')

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    full: { type: 'boolean', default: false },
    mode: { type: 'string' },
    grid: { type: 'string' },
    only: { type: 'string', multiple: true },
    scale: { type: 'string', default: '1' },
    bootstrap: { type: 'string' },
    kind: { type: 'string', multiple: true },
    node: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const node = flags.node ?? (await newestNode())
const command = `pnpm bench ${process.argv.slice(2).join(' ')}`.trim()
touchMemory()
const bench = await Bench.open(node, flags.bootstrap)
const about = {
  broker: bench.brokerName,
  node: nodeVersion(node),
  machine: machine(),
  versions: clientVersions(),
  command,
}
try {
  if (flags.mode === undefined) await benchCases(Number(flags.rounds ?? 3))
  else {
    const report = await runGrid(bench, {
      mode: flags.mode === 'full' ? 'full' : 'quick',
      isWhole: flags.mode === 'full' && flags.grid !== 'star',
      rounds: Number(flags.rounds ?? 1),
      scale: Number(flags.scale),
      clients: flags.only,
      kinds: flags.kind,
      about,
    })
    // Part of the rows would take the place of all of them.
    const isComplete = flags.only === undefined && flags.kind === undefined
    publish(`grid-${flags.mode}`, report, isComplete)
  }
} finally {
  await bench.close()
}

async function benchCases(rounds: number): Promise<void> {
  const stem = `bench-${process.pid}`
  const chosen = cases.filter(({ kind }) => flags.kind?.includes(kind) ?? true)
  const rows = new Map<Case, Row>(chosen.map((one) => [one, { ...one, measurements: [] }]))
  for (let round = 1; round <= rounds; round++) {
    for (const one of chosen) {
      const measurement = await measure(one, `${stem}-${round}`)
      rows.get(one)?.measurements.push(measurement)
      const { cpuSeconds, times } = measurement
      const nanoseconds = ((cpuSeconds / measurement.records) * 1e9).toFixed(0)
      const each = times === undefined ? '' : `, p50 ${times.p50Us.toFixed(0)} us`
      console.error(
        `round ${round}: ${one.kind} ${one.client} ${one.variant}: ${nanoseconds} ns CPU${each}`,
      )
    }
  }
  const report = formatReport([...rows.values()], { valueBytes, partitions, ...about })
  publish('clients', report, flags.kind === undefined)
}

/** Prints a report, and keeps it with its plot if that is wanted. */
function publish(name: string, report: string, isComplete: boolean): void {
  console.log(report)
  if (!flags.write || !isComplete) return
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, `${name}.md`), report)
  writePlot(join(results, `${name}.md`))
}

async function measure(
  { kind, client, variant, thousands }: Case,
  stem: string,
): Promise<Measurement> {
  const records = thousands * 1000 * (flags.full ? 4 : 1)
  const warmUp = warmUpRecords[kind]
  const isFirst = kind === 'first-record'
  const total = isFirst ? firstRecords : records + warmUp
  const topic = `${stem}-${kind}-${client}-${variant}`
  await bench.createTopic(topic, partitions)
  const job: Job = {
    kind,
    bootstrapServers: bench.bootstrapServers,
    topic,
    records,
    warmUpRecords: warmUp,
    valueBytes,
    partitions,
    compression: 'none',
    acks: 1,
    rate: 0,
    arrayRecords: 1000,
    variant,
  }
  if (kind === 'consume') await bench.fill(job)
  if (isFirst) await bench.fill({ ...job, records: firstRecords, warmUpRecords: 0 })
  const measurement = await bench.run(client, job)
  await bench.verify(topic, partitions, total)
  if (kind === 'consume' && measurement.checksum !== checksumOf(job)) {
    throw new Error(`${client} ${variant} read other values than were sent`)
  }
  await bench.deleteTopic(topic)
  return measurement
}
