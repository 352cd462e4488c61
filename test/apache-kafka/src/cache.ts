import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Where everything fetched is kept: `$OTTLA_CACHE`, or `~/.cache/ottla`. Always outside the tree. */
export function cacheFolder(): string {
  return process.env.OTTLA_CACHE ?? join(homedir(), '.cache', 'ottla')
}

const POLL_MS = 100
/** Longer than any fetch takes; a lock older than its dead owner is taken over long before. */
const LOCK_TIMEOUT_MS = 600_000

/**
 * Runs `work` while no other process holds the lock of this name. A lock whose owner has died is taken over.
 *
 * @throws Error when the lock is not free within ten minutes.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(cacheFolder(), `${name}.lock`)
  await mkdir(cacheFolder(), { recursive: true })
  const deadline = Date.now() + LOCK_TIMEOUT_MS
  while (!(await acquire(lock))) {
    if (Date.now() > deadline) throw new Error(`Lock ${lock} is still held after 10 minutes.`)
    await delay(POLL_MS)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function acquire(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  // An empty file belongs to a process that is just writing its id into it.
  if (owner > 0 && !isRunning(owner)) await rm(lock, { force: true })
  return false
}

/** Whether a process of this id is alive. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
