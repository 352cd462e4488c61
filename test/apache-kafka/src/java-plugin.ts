import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, withLock } from './cache.js'
import type { Jars } from './maven.js'
import { run } from './run.js'

/**
 * Compiles a class of `java/` that a broker loads as its plugin, once for each release and text.
 *
 * @returns the folder for the broker's class path, in the cache
 * @throws Error with what the compiler says
 */
export async function compilePlugin(jars: Jars, name: string): Promise<string> {
  const file = join(import.meta.dirname, '..', 'java', `${name}.java`)
  const content = `${jars.folder}\n${await readFile(file, 'utf8')}`
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), 'plugins', `${name}-${digest}`)
  return withLock('plugins', async () => {
    if (existsSync(folder)) return folder
    const scratch = `${folder}.scratch`
    await rm(scratch, { recursive: true, force: true })
    // The interface is deprecated since 4.2, and the only one that 3.9 knows.
    await run('javac', ['-Xlint:-removal', '-cp', jars.classPath, '-d', scratch, file])
    await rename(scratch, folder)
    return folder
  })
}
