import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAtExit, toolsJars } from '@ottla-test/apache-kafka'
import { cpuSecondsOf, peakMegabytesOf } from '../brokers/process-usage.ts'
import { distinctValues, type Job, type Measurement, valuesOf } from '../job.ts'

/** As Kafka's own scripts start these tools. */
const jvm = ['-Xmx512m', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20']
const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
const tools = 'org.apache.kafka.tools'
/** How often the CPU time of the tool is looked at: what it spends after the last look is lost. */
const lookEveryMs = 10
/** A tool that has not ended by then is stuck. */
const mostMinutes = 10

/**
 * Kafka's performance tools in Java. Variants: defaults, tuned (batches of 100 KB; fetches of at least 100 KB and 5,000 records a
 * poll). A JVM takes a second to start, and the tools measure from the first record on; so a tool runs twice, with the
 * records of the warm-up and with all, and the difference is what the others took.
 *
 * @throws Error with the tool's output when it fails or counts other records than it should
 */
export async function measureJava(job: Job): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'ottla-bench-java-'))
  try {
    const runOnce = job.kind === 'produce' ? producePerf : consumePerf
    const cold = await runOnce(job, job.warmUpRecords, folder)
    const all = await runOnce(job, job.warmUpRecords + job.records, folder)
    return {
      records: job.records,
      seconds: all.seconds - cold.seconds,
      cpuSeconds: all.cpuSeconds - cold.cpuSeconds,
      rssMegabytes: all.rssMegabytes,
      checksum: Number.NaN,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What one run of a tool took, its start included. */
interface ToolRun {
  seconds: number
  cpuSeconds: number
  rssMegabytes: number
}

async function producePerf(job: Job, records: number, folder: string): Promise<ToolRun> {
  const payload = join(folder, 'values')
  // Values are lines of this file; those of the bench have line feeds in their sequence numbers, which the tool need not know.
  const lines = valuesOf(distinctValues, job.valueBytes).map((value) =>
    value.toString('latin1').replaceAll(/[^ -~]/g, '.'),
  )
  await writeFile(payload, lines.join('\n'))
  const props = [
    `bootstrap.servers=${job.bootstrapServers}`,
    `acks=${job.acks}`,
    'enable.idempotence=false',
    `compression.type=${job.compression}`,
    ...(job.variant === 'tuned' ? ['batch.size=100000'] : []),
  ]
  const { output, ...used } = await runTool('ProducerPerformance', [
    '--topic',
    job.topic,
    '--num-records',
    `${records}`,
    '--throughput',
    '-1',
    '--payload-file',
    payload,
    '--command-property',
    ...props,
  ])
  const last = [...output.matchAll(/^(\d+) records sent, ([\d.]+) records\/sec/gm)].at(-1)
  if (Number(last?.[1]) !== records) throw new Error(`ProducerPerformance sent not all:\n${output}`)
  return { ...used, seconds: records / Number(last?.[2]) }
}

async function consumePerf(job: Job, records: number, folder: string): Promise<ToolRun> {
  const config = join(folder, `consumer-${records}.properties`)
  const settings =
    job.variant === 'tuned' ? ['max.poll.records=5000', 'fetch.min.bytes=100000'] : []
  await writeFile(config, settings.join('\n'))
  const { output, ...used } = await runTool('ConsumerPerformance', [
    '--bootstrap-server',
    job.bootstrapServers,
    '--topic',
    job.topic,
    '--num-records',
    `${records}`,
    '--command-config',
    config,
    '--timeout',
    '30000',
  ])
  // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms
  const figures = output.trim().split('\n').at(-1)?.split(',') ?? []
  const seen = Number(figures[4])
  // It stops after the poll in which it has enough.
  if (!(seen >= records)) throw new Error(`ConsumerPerformance read ${seen} records:\n${output}`)
  return { ...used, seconds: Number(figures[7]) / 1000 }
}

async function runTool(name: string, args: readonly string[]) {
  const { classPath } = await toolsJars()
  const child = spawn('java', [...jvm, quiet, '-cp', classPath, `${tools}.${name}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  killAtExit(child)
  let output = ''
  let used = { cpuSeconds: 0, rssMegabytes: 0 }
  const look = () => {
    if (child.pid === undefined || child.exitCode !== null) return
    try {
      const pids = [child.pid]
      // A process that has just ended has its CPU time still, but no memory any more.
      const rssMegabytes = Math.max(used.rssMegabytes, peakMegabytesOf(pids))
      used = { cpuSeconds: cpuSecondsOf(pids), rssMegabytes }
    } catch {
      // It is gone: the look before counts.
    }
  }
  const looking = setInterval(look, lookEveryMs)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      look()
      output += chunk.toString()
    })
  }
  const giveUp = setTimeout(() => child.kill('SIGKILL'), mostMinutes * 60_000)
  const [status] = (await once(child, 'close')) as [number | null]
  clearTimeout(giveUp)
  clearInterval(looking)
  if (status !== 0) throw new Error(`${name} ended with ${status}\n${output}`)
  return { ...used, output }
}
