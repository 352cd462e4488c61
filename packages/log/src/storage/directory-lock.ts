import {
  closeSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { InvalidArgumentError } from '@ottla/protocol'

/** Kafka's name. Kafka locks the (empty) file by the system's means; we write into it who we are. */
const lockFile = '.lock'

/** Directories taken by this process: its own process id in a file tells it nothing. */
const held = new Set<string>()

/**
 * A directory that belongs to this process. Node knows no file locks, so a file that can be created only once names the
 * owner: its process id and, where the system tells it, the moment it was started, so that a process that got a dead
 * one's id (as every restarted container does) is not taken for it.
 */
export class DirectoryLock {
  private readonly root: string
  private readonly path: string

  /** @throws InvalidArgumentError if the directory belongs to a living process. */
  constructor(root: string) {
    this.root = realpathSync(root)
    this.path = join(this.root, lockFile)
    if (held.has(this.root)) throw this.refusal('another broker in this process')
    if (!this.create()) this.takeOver()
    held.add(this.root)
  }

  release(): void {
    rmSync(this.path, { force: true })
    held.delete(this.root)
  }

  /** False if the file is there already. */
  private create(): boolean {
    let fd: number
    try {
      fd = openSync(this.path, 'wx')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    }
    writeSync(fd, `${process.pid} ${startOf(process.pid)}\n`)
    closeSync(fd)
    return true
  }

  /** Replaces a file whose owner is gone. Of several that try, one succeeds. */
  private takeOver(): void {
    const found = readFileSync(this.path, 'utf8')
    const owner = livingOwner(found) ?? (found === '' ? javaOwner(this.path) : undefined)
    if (owner !== undefined) throw this.refusal(`process ${owner}`)
    const aside = `${this.path}.${process.pid}`
    renameSync(this.path, aside)
    const isStillStale = readFileSync(aside, 'utf8') === found
    if (!isStillStale) renameSync(aside, this.path)
    else rmSync(aside)
    if (!isStillStale || !this.create()) throw this.refusal('a process that was quicker')
  }

  private refusal(owner: string): InvalidArgumentError {
    return new InvalidArgumentError(
      `the data directory ${JSON.stringify(this.root)} is in use by ${owner}; stop it, or use another directory`,
    )
  }
}

/** Process id of the owner that the file names, if that process lives. */
function livingOwner(content: string): number | undefined {
  const [pidText = '', start = ''] = content.trim().split(' ')
  const pid = Number(pidText)
  // This process would be in `held`: the file is of an earlier process with the same id.
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process lives, though it may not be signalled.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined
  }
  return startOf(pid) === start ? pid : undefined
}

/** When a process was started, in the system's own count; empty where there is no /proc. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the start time is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Process id of a Kafka that has locked the file, as Linux tells it; undefined if it has not, or nobody can say. */
function javaOwner(path: string): string | undefined {
  try {
    const { ino } = statSync(path)
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/)
      if (fields[5]?.endsWith(`:${ino}`)) return fields[4]
    }
  } catch {
    // No Linux: Kafka's lock cannot be seen, and Kafka will find out about ours no better.
  }
  return undefined
}
