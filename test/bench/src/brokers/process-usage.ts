import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What the clock of `/proc` counts in: `getconf CLK_TCK`, 100 on every Linux of today. */
const ticksPerSecond = 100

/** CPU time in seconds, user and system, that these processes have taken so far. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    // The name of the command is in brackets and may hold blanks; utime and stime are the 12th and 13th fields after it.
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] as string).split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / ticksPerSecond
}

/** Resident memory of these processes in MB. */
export function rssMegabytesOf(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
  }
  return kilobytes / 1024
}

/** The most resident memory of these processes so far, in MB. */
export function peakMegabytesOf(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    kilobytes += Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0)
  }
  return kilobytes / 1024
}

/** Keeps all threads of these processes on one core. */
export function pin(pids: readonly number[], core: number): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', String(core), String(pid)])
}
