import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { newestNode } from '@ottla-test/apache-kafka'
import type { Verdict } from './verdict.js'

const trialTimeoutMs = 120_000
/** After its verdict, a process has so long to end by itself. */
const endTimeoutMs = 10_000

/** Puts one client through one pain, on the Node that all clients support. */
export async function tryClient(client: string, pain: string): Promise<Verdict> {
  const program = join(import.meta.dirname, 'trial-process.ts')
  const args = ['--conditions', '@ottla/source', '--import', 'tsx', program, client, pain]
  const child = spawn(await newestNode(), args, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', KAFKAJS_NO_PARTITIONER_WARNING: '1' },
  })
  let output = ''
  let problems = ''
  let verdict: Verdict | undefined
  let reason = `no verdict after ${trialTimeoutMs / 1000} s`
  let timer = setTimeout(() => child.kill('SIGKILL'), trialTimeoutMs)
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    const line = output.split('\n').find((each) => each.startsWith('{"passed"'))
    if (line === undefined || verdict !== undefined) return
    verdict = JSON.parse(line) as Verdict
    clearTimeout(timer)
    reason = `the process did not end by itself within ${endTimeoutMs / 1000} s of closing`
    timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    problems = (problems + chunk.toString()).slice(-2000)
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  if (signal !== null) return verdict?.passed === false ? verdict : { passed: false, seen: reason }
  return verdict ?? { passed: false, seen: `the process died: ${problems}` }
}
