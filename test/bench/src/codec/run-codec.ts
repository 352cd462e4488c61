import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from '@ottla-test/apache-kafka'
import type { CodecJob, CodecResult } from './codec-process.ts'

const script = join(import.meta.dirname, 'codec-process.ts')
const timeoutMs = 300_000

/** Where the sources of the codec are in a tree. */
export const codecOf = (root: string): string =>
  pathToFileURL(join(root, 'packages/protocol/src/index.ts')).href

/** Measures in a process of its own, so that what the compiler learned from one codec does not serve or harm another. */
export async function runCodec(job: CodecJob): Promise<CodecResult> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, JSON.stringify(job)], {
    cwd: join(import.meta.dirname, '../..'),
    timeoutMs,
  })
  return JSON.parse(stdout) as CodecResult
}
