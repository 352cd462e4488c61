import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, withLock } from './cache.js'
import { run } from './run.js'

/** What every foreign client supports and is fastest on; the npm package `node` has it for any machine. */
const NODE_MAJOR = 24
const INSTALL_TIMEOUT_MS = 300_000

/** This Node, or the one of the npm package `node`, where this one is older than the clients need. */
export async function newestNode(): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  const folder = join(cacheFolder(), `node-${NODE_MAJOR}`)
  const binary = join(folder, 'node_modules', 'node', 'bin', 'node')
  return withLock(`node-${NODE_MAJOR}`, async () => {
    if (existsSync(binary)) return binary
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const args = ['install', '--no-audit', '--no-fund', `node@${NODE_MAJOR}`]
    await run('npm', args, { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS })
    return binary
  })
}
