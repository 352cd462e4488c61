import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { TOOLS_RELEASE } from '@ottla-test/apache-kafka'

/** The machine, as reports name it. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`
}

/** The release of a Node, with its `v`. */
export function nodeVersion(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
}

/** Ours as the commit it is of, the peers by their releases. */
export function clientVersions(): string {
  const here = join(import.meta.dirname, '..')
  const json = (path: string) =>
    JSON.parse(readFileSync(join(here, path), 'utf8')) as {
      dependencies?: Record<string, string>
      devDependencies?: Record<string, string>
    }
  const peers = json('package.json').devDependencies ?? {}
  const confluent = json('confluent/package.json').dependencies ?? {}
  return [
    `ottla ${commit(here)}`,
    `kafkajs ${peers.kafkajs}`,
    `@platformatic/kafka ${peers['@platformatic/kafka']}`,
    `@confluentinc/kafka-javascript ${confluent['@confluentinc/kafka-javascript']}`,
    `Java ${TOOLS_RELEASE}`,
  ].join(', ')
}

/** The commit that this tree is of; a star says that files differ from it. */
function commit(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', ':/') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '*' : ''}`
  } catch {
    return '(no commit)'
  }
}
