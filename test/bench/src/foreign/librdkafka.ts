import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, run } from '@ottla-test/apache-kafka'
import type { Job } from '../job.ts'
import { buildConfluent } from './confluent.ts'

const source = join(import.meta.dirname, '../../native/librdkafka-client.c')

/** The program of `native/`, compiled with the librdkafka that the package of Confluent brings. */
export async function librdkafkaProgram(): Promise<string> {
  const { nativeFolder } = await buildConfluent()
  const digest = createHash('sha256')
    .update(await readFile(source))
    .update(nativeFolder)
    .digest('hex')
  const folder = join(cacheFolder(), 'c')
  const program = join(folder, `librdkafka-client-${digest.slice(0, 12)}`)
  if (existsSync(program)) return program
  await mkdir(folder, { recursive: true })
  const libraries = [`-L${nativeFolder}`, `-Wl,-rpath,${nativeFolder}`, '-lrdkafka', '-lpthread']
  const include = `-I${join(nativeFolder, 'include')}`
  await run('cc', ['-O2', '-Wall', include, '-o', program, source, ...libraries])
  return program
}

/** The job as the program takes it. */
export function librdkafkaArgs(job: Job, valuesFile: string): string[] {
  // It has its own arrays, and asks the broker for partitions.
  const { arrayRecords: _, partitions: __, ...known } = job
  return Object.entries({ ...known, valuesFile }).map(([name, value]) => `${name}=${value}`)
}
