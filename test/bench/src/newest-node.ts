import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The binary of Node 24, which every client of the bench supports and is fastest on: this process's
 * own, or the one of the npm package `node`, kept between runs.
 */
export function newestNode(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath
  const home = join(process.env.OTTLA_CACHE ?? join(homedir(), '.cache', 'ottla'), 'node-24')
  const binary = join(home, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
    execFileSync('npm', ['install', '--no-audit', '--no-fund', 'node@24'], { cwd: home })
  }
  return binary
}
