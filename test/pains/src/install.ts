import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TableRow } from './table.js'
import type { Verdict } from './verdict.js'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly gypfile?: boolean
  readonly engines?: { readonly node?: string }
  readonly dependencies?: Readonly<Record<string, string>>
}

/** What an application installs of each client. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  ottla: ['@ottla/producer', '@ottla/consumer'],
  kafkajs: ['kafkajs'],
  '@platformatic/kafka': ['@platformatic/kafka'],
}

/** Lines of Node that get security fixes or did until a year ago. */
const nodeMajors = [20, 22, 24]

/** Looks at what would be installed: no compiler, no script, no download, every Node. */
export function installVerdicts(names: readonly string[]): TableRow {
  return {
    id: '9',
    title: 'Installing is roulette: compilers, downloads, the wrong Node',
    rule: `nothing that has to be there runs a script at install time; runs on Node ${nodeMajors.join(', ')}`,
    verdicts: new Map(names.map((name) => [name, verdictOf(packagesOf[name] ?? [])])),
  }
}

function verdictOf(packages: readonly string[]): Verdict {
  const problems: string[] = []
  const seen = new Set<string>()
  const look = (name: string, from: string): void => {
    const folder = folderOf(name, from)
    if (seen.has(folder)) return
    seen.add(folder)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    const { scripts = {}, gypfile = false, engines = {}, dependencies = {} } = manifest
    const runs = ['preinstall', 'install', 'postinstall'].filter((script) => script in scripts)
    if (runs.length > 0 || gypfile) problems.push(`${name} runs ${runs.join(', ') || 'node-gyp'}`)
    const missing = nodeMajors.filter((major) => !allows(engines.node, major))
    if (missing.length > 0) problems.push(`${name} wants Node ${engines.node}`)
    for (const next of Object.keys(dependencies)) look(next, join(folder, 'package.json'))
  }
  for (const name of packages) look(name, import.meta.filename)
  return problems.length === 0 ? { passed: true } : { passed: false, seen: problems.join('; ') }
}

function folderOf(name: string, from: string): string {
  for (const place of createRequire(from).resolve.paths(name) ?? []) {
    try {
      readFileSync(join(place, name, 'package.json'))
      return join(place, name)
    } catch {
      // It is in one of the folders further up.
    }
  }
  throw new Error(`${name}, which ${dirname(from)} needs, is not installed`)
}

/** Whether the newest release of a major line is in a range of the forms that `engines` holds. */
function allows(range: string | undefined, major: number): boolean {
  if (range === undefined || range === '*') return true
  return range.split('||').some((part) => {
    const least = /(\d+)(?:\.(\d+))?/.exec(part)
    const floor = Number(least?.[1] ?? 0)
    return part.trim().startsWith('^') ? floor === major : floor <= major
  })
}
