import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the workspace. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const { packageManager, engines } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

/**
 * Runs pnpm at exactly the version package.json names, through npx, so that a machine with only
 * Node and npm can build. Signals to this process end the child first; no orphan stays behind.
 *
 * @param {string[]} args arguments of pnpm
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options] quiet shows output only on failure
 * @returns {Promise<void>} rejects with the exit status when the command fails
 */
export function pnpm(args, { quiet = false, env = {} } = {}) {
  return run('npx', ['-y', packageManager, ...args], { quiet, env })
}

/**
 * npm starts a script through a shell, and a signal to npm can end both without reaching us. Whoever
 * stopped npm meant us: when the process that started us is gone, we get the signal ourselves.
 */
export function stopWithParent() {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  timer.unref()
}

/**
 * Installs what the lock file says and compiles every package that changed. Declarations are left
 * out: nothing that runs needs them, and they take most of a full build's time.
 */
export async function installAndCompile() {
  checkNode()
  const isFirst = !existsSync(`${root}node_modules/.modules.yaml`)
  console.log(`ottla: installing${isFirst ? ' (about half a minute)' : ''} …`)
  await pnpm(
    ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirmModulesPurge=false'],
    { quiet: true },
  )
  console.log('ottla: compiling …')
  await pnpm(['exec', 'turbo', 'run', 'compile', '--output-logs=errors-only'], {
    quiet: true,
    env: { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  })
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`ottla: this is Node ${process.version}; Node ${engines.node} is needed.`)
  process.exit(1)
}

function run(command, args, { quiet, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      detached: true,
    })
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    const stop = (signal) => {
      // The whole group: npx starts pnpm, and pnpm the tools.
      try {
        process.kill(-child.pid, signal)
      } catch {
        child.kill(signal)
      }
      process.exitCode = 130
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    child.on('error', reject)
    child.on('close', (status, signal) => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      if (status === 0) return resolve()
      if (quiet) process.stderr.write(Buffer.concat(output))
      if (process.exitCode === 130) process.exit(130)
      const error = new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}`)
      reject(Object.assign(error, { status: status ?? 1 }))
    })
  })
}
