// Produce and consume of small records: ours and the peers against one broker, each client in a
// process of its own, rounds interleaved, everything verified after it ran.
//
//   pnpm bench [--rounds 3] [--kind single] [--full] [--bootstrap HOST:PORT] [--node PATH] [--write]
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Admin } from '@ottla/admin'
import { newestNode } from '@ottla-test/apache-kafka'
import { type Case, cases, warmUpRecords } from './cases.ts'
import { expectedChecksum, type Job, type Measurement } from './job.ts'
import { formatReport, type Row } from './report.ts'

const valueBytes = 100
const partitions = 6
/** Records of the topic that new consumers meet. */
const firstRecords = 1000

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    full: { type: 'boolean', default: false },
    bootstrap: { type: 'string' },
    kind: { type: 'string', multiple: true },
    node: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})

const here = fileURLToPath(new URL('.', import.meta.url))
const node = flags.node ?? (await newestNode())

async function startOwnBroker() {
  const dataDir = mkdtempSync(join(tmpdir(), 'ottla-bench-'))
  const ottla = join(here, '../../../apps/cli/bin/ottla.js')
  const child = spawn(node, [ottla, 'broker', '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return {
    bootstrapServers: line.replace('ready ', ''),
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const broker = flags.bootstrap
  ? { bootstrapServers: flags.bootstrap, stop: async () => undefined }
  : await startOwnBroker()
const admin = new Admin({ bootstrapServers: broker.bootstrapServers })
const topicStem = `bench-${process.pid}`
const chosen = cases.filter(({ kind }) => flags.kind?.includes(kind) ?? true)
const rows = new Map<Case, Row>(chosen.map((one) => [one, { ...one, measurements: [] }]))

try {
  for (let round = 1; round <= Number(flags.rounds); round++) {
    for (const one of chosen) {
      const measurement = await measure(one, `${topicStem}-${round}`)
      rows.get(one)?.measurements.push(measurement)
      const { cpuSeconds, times } = measurement
      const nanoseconds = ((cpuSeconds / measurement.records) * 1e9).toFixed(0)
      const each = times === undefined ? '' : `, p50 ${times.p50Us.toFixed(0)} us`
      console.error(
        `round ${round}: ${one.kind} ${one.client} ${one.variant}: ${nanoseconds} ns CPU${each}`,
      )
    }
  }
} finally {
  await admin.close()
  await broker.stop()
}

const report = formatReport([...rows.values()], {
  valueBytes,
  partitions,
  broker: flags.bootstrap ? flags.bootstrap : 'ottla broker, on disk',
  node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
  command: `pnpm bench --rounds ${flags.rounds}${flags.full ? ' --full' : ''}`,
})
console.log(report)
// Part of the cases would take the place of all of them.
if (flags.write && flags.kind === undefined) {
  mkdirSync(join(here, '../results'), { recursive: true })
  writeFileSync(join(here, '../results/clients.md'), report)
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
  await admin.createTopics([{ name: topic, partitions }])
  const job = {
    bootstrapServers: broker.bootstrapServers,
    topic,
    records,
    warmUpRecords: warmUp,
    valueBytes,
    variant,
  }
  // What consumers read is always written by the same producer, with the same batches.
  const fill = { ...job, kind: 'produce', variant: 'enqueue' } as const
  if (kind === 'consume') await runClient('ottla', fill)
  if (isFirst) await runClient('ottla', { ...fill, records: firstRecords, warmUpRecords: 0 })
  const measurement = await runClient(client, { ...job, kind })
  await verify(topic, total)
  if (kind === 'consume' && measurement.checksum !== checksumOf(records)) {
    throw new Error(`${client} ${variant} read other values than were sent`)
  }
  await admin.deleteTopics([topic])
  return measurement
}

/** Sequence numbers start anew with the measurement, so its checksum is the warm-up's and its own. */
function checksumOf(records: number): number {
  return expectedChecksum(records) + expectedChecksum(warmUpRecords.consume)
}

async function verify(topic: string, total: number): Promise<void> {
  const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const offsets = await admin.listOffsets(wanted.map((one) => ({ ...one, at: 'latest' })))
  const sum = offsets.reduce((count, { offset }) => count + Number(offset), 0)
  if (sum !== total) throw new Error(`${topic} holds ${sum} records, ${total} were sent`)
}

async function runClient(client: string, job: Job): Promise<Measurement> {
  const child = spawn(node, [join(here, `clients/${client}.ts`), JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', KAFKAJS_NO_PARTITIONER_WARNING: '1' },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [status] = (await once(child, 'close')) as [number]
  if (status !== 0) throw new Error(`${client} ended with status ${status}\n${output}`)
  return JSON.parse(output.trim().split('\n').at(-1) as string) as Measurement
}
