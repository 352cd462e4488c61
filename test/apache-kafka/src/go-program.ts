import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cacheFolder, withLock } from './cache.js'
import { run } from './run.js'

/** A first build fetches modules and compiles them all. */
const BUILD_TIMEOUT_MS = 300_000

/**
 * Builds a Go program whose module (`go.mod`, `go.sum`, sources) is in one folder, and keeps the binary in the cache until
 * one of those files changes.
 *
 * @returns the path of the binary
 * @throws Error with the compiler's output when it does not build
 */
export function goProgram(folder: string): Promise<string> {
  return build(folder, (output) => ['-o', output, '.'])
}

/**
 * Builds every program of a Go module at once, each in a folder of its own; otherwise as `goProgram`.
 *
 * @returns the path of the folder with the binaries, each named as its folder
 * @throws Error with the compiler's output when one does not build
 */
export function goPrograms(folder: string): Promise<string> {
  return build(folder, (output) => ['-o', `${output}/`, './...'])
}

async function build(folder: string, args: (output: string) => string[]): Promise<string> {
  const name = basename(folder)
  const output = join(cacheFolder(), 'go', `${name}-${await digest(folder)}`)
  if (existsSync(output)) return output
  return withLock(`go-${name}`, async () => {
    if (existsSync(output)) return output
    await mkdir(join(cacheFolder(), 'go'), { recursive: true })
    // Elsewhere first: a build that is cut short must not look like one that is done.
    const unfinished = `${output}.${process.pid}`
    const timeoutMs = BUILD_TIMEOUT_MS
    await run('go', ['build', ...args(unfinished)], { cwd: folder, timeoutMs })
    await rename(unfinished, output)
    return output
  })
}

async function digest(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(folder, { recursive: true })).sort()
  for (const name of names.filter((each) => /\.(go|mod|sum)$/.test(each))) {
    hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
