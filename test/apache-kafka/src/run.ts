import { spawn } from 'node:child_process'
import { killAtExit } from './kill-at-exit.js'

/** What a finished child process left behind. */
export interface RunResult {
  status: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Text or bytes for the child's standard input; without it, the input is empty. */
  input?: string | Uint8Array
  /** After this many milliseconds the child is killed and the call fails. Default 120,000. */
  timeoutMs?: number
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Accept any exit status; by default a status other than 0 is an error. */
  anyStatus?: boolean
}

/**
 * Runs a command to its end and collects what it prints.
 *
 * @throws Error that carries command, status and output, when the command fails, cannot be started or takes too long.
 */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { timeoutMs = 120_000, anyStatus = false } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: 'pipe',
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    killAtExit(child)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(new Error(`Cannot run ${command}: ${error.message}`, { cause: error }))
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      const result = {
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }
      if (!timedOut && (status === 0 || anyStatus)) return resolve(result)
      const why = timedOut ? `took longer than ${timeoutMs} ms` : `ended with status ${status}`
      reject(
        new Error(
          `${command} ${args.join(' ')} ${why}\n${tail(result.stdout)}\n${tail(result.stderr)}`,
        ),
      )
    })
    // A child that ends early closes its input; what matters then is its status, not the broken pipe.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** The last lines of a log, enough to see why something failed. */
export function tail(text: string, lines = 40): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
