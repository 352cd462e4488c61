import { execFileSync } from 'node:child_process'

/** The commit that this tree is of; a star says that files differ from it, other than results; a dash that there is none. */
export function currentCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  try {
    const changed =
      git('status', '--porcelain', '--untracked-files=no', ':/', ':(exclude)../results') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '*' : ''}`
  } catch {
    return '–'
  }
}
