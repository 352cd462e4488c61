import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAtExit } from '@ottla-test/apache-kafka'
import { buildConfluent } from './foreign/confluent.ts'
import { measureJava } from './foreign/java.ts'
import { librdkafkaArgs, librdkafkaProgram } from './foreign/librdkafka.ts'
import { distinctValues, type Job, type Measurement, valuesOf } from './job.ts'

/** A client that has not answered by then is stuck. */
const mostMinutes = 10

/** Who can be measured. `raw` is no client: a socket and the codec, the limit of the others. */
export type ClientName =
  | 'ottla'
  | 'kafkajs'
  | 'platformatic'
  | 'confluent'
  | 'librdkafka'
  | 'java'
  | 'raw'

/**
 * Runs a job in a process of the client's own and gives what it measured.
 *
 * @param node the Node that clients in JavaScript run on
 * @throws Error with the process's output when it fails
 */
export async function runClient(node: string, client: ClientName, job: Job): Promise<Measurement> {
  if (client === 'java') return measureJava(job)
  if (client === 'librdkafka') return runLibrdkafka(job)
  const script = join(import.meta.dirname, `clients/${client}.ts`)
  const env =
    client === 'confluent' ? { OTTLA_BENCH_CONFLUENT: (await buildConfluent()).folder } : {}
  return runToAnswer(client, node, [script, JSON.stringify(job)], env)
}

async function runLibrdkafka(job: Job): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-bench-values-'))
  try {
    const file = join(folder, 'values')
    writeFileSync(file, Buffer.concat(valuesOf(distinctValues, job.valueBytes)))
    return await runToAnswer('librdkafka', await librdkafkaProgram(), librdkafkaArgs(job, file))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runToAnswer(
  client: ClientName,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Measurement> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  killAtExit(child)
  const giveUp = setTimeout(() => child.kill('SIGKILL'), mostMinutes * 60_000)
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(giveUp)
  if (status !== 0) throw new Error(`${client} ended with ${status ?? signal}\n${output}`)
  return JSON.parse(output.trim().split('\n').at(-1) as string) as Measurement
}
