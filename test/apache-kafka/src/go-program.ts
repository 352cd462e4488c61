import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
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
export async function goProgram(folder: string): Promise<string> {
  const name = basename(folder)
  const binary = join(cacheFolder(), 'go', `${name}-${await digest(folder)}`)
  if (existsSync(binary)) return binary
  return withLock(`go-${name}`, async () => {
    if (existsSync(binary)) return binary
    await mkdir(join(cacheFolder(), 'go'), { recursive: true })
    await run('go', ['build', '-o', binary, '.'], { cwd: folder, timeoutMs: BUILD_TIMEOUT_MS })
    return binary
  })
}

async function digest(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(folder)).filter((name) => /\.(go|mod|sum)$/.test(name)).sort()
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)))
  return hash.digest('hex').slice(0, 16)
}
