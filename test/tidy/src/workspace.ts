import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Absolute path of the workspace, with a trailing slash. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Every file git tracks or would track, relative to the root. */
export function workspaceFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return [...new Set(output.split('\n').filter(Boolean))].filter(exists).sort()
}

/** The text of a file of the workspace. */
export function read(path: string): string {
  return readFileSync(root + path, 'utf8')
}

/** Product sources: what is compiled into a published package; tests and benches left out. */
export function sourceFiles(): string[] {
  return workspaceFiles().filter(
    (path) =>
      /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(path) &&
      !/\.(test|test-d|bench)\.ts$/.test(path),
  )
}

function exists(path: string): boolean {
  try {
    readFileSync(root + path)
    return true
  } catch {
    return false
  }
}
