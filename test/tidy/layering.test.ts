import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read, sourceFiles, workspaceFiles } from './src/workspace.js'

/** Folder -> the packages of ours that it may import. Whoever is not named here may import nothing. */
const mayImport: Record<string, readonly string[]> = {
  'packages/protocol': [],
  'packages/network': ['@ottla/protocol'],
  'packages/producer': ['@ottla/network', '@ottla/protocol'],
  'packages/consumer': ['@ottla/network', '@ottla/protocol'],
  'packages/admin': ['@ottla/network', '@ottla/protocol'],
  'packages/coordinator': ['@ottla/protocol'],
  'packages/log': ['@ottla/protocol'],
  'packages/ottla': ['@ottla/network', '@ottla/producer', '@ottla/consumer', '@ottla/admin'],
  'apps/broker': ['@ottla/protocol', '@ottla/network', '@ottla/coordinator', '@ottla/log'],
  'apps/conformance': ['@ottla/protocol'],
  'apps/cli': ['ottla', '@ottla/producer', '@ottla/consumer', '@ottla/admin', '@ottla/broker'],
}

const importPattern = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g

function importsOf(path: string): string[] {
  return [...read(path).matchAll(importPattern)].map((match) => match[1] as string)
}

const isOurs = (name: string) => name === 'ottla' || name.startsWith('@ottla/')
const packageOf = (name: string) =>
  name === 'ottla' ? name : name.split('/').slice(0, 2).join('/')

/** Types of things that hold each other: a partition, and what fetches it and hands it out. */
const partition = 'packages/consumer/src/fetch/assigned-partition.ts'
const knowEachOther: readonly string[] = [
  `${partition} -> packages/consumer/src/delivery/claim.ts`,
  `${partition} -> packages/consumer/src/delivery/lease.ts`,
  `${partition} -> packages/consumer/src/fetch/fetch-lane.ts`,
]

/** The file of the workspace that a relative import means. */
const targetOf = (path: string, name: string): string =>
  posix.join(posix.dirname(path), name).replace(/js$/, 'ts')

/** `packages/x` of a file in it, and of a file of the root its name. */
const folderOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** Whether an import reaches what a package keeps to itself; what is made for tests may be taken by others' tests. */
function isTrespass(path: string, name: string): boolean {
  if (isOurs(name)) return /\/(src|dist)\//.test(name)
  if (!name.startsWith('.')) return false
  const target = targetOf(path, name)
  const leaves = folderOf(target) !== folderOf(path)
  return leaves && target.includes('/') && !/^[^/]+\/[^/]+\/src\/testing\//.test(target)
}

/** A circle for each import that closes one, as a path of files. */
function circlesIn(taken: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) circles.push([...way.slice(at), path].join(' -> '))
    if (at >= 0 || done.has(path)) return
    for (const next of taken.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of taken.keys()) visit(path, [])
  return circles
}

describe('layering', () => {
  it('lets a package import only what its layer allows', () => {
    const broken: string[] = []
    for (const path of sourceFiles()) {
      const folder = path.split('/').slice(0, 2).join('/')
      const allowed = mayImport[folder] ?? []
      for (const name of importsOf(path)) {
        if (isOurs(name) && !allowed.includes(packageOf(name))) broken.push(`${path}: ${name}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('keeps relative imports inside their package', () => {
    const broken: string[] = []
    for (const path of sourceFiles()) {
      const depth = path.split('/').length - 4
      for (const name of importsOf(path)) {
        const ups = name.match(/\.\.\//g)?.length ?? 0
        if (ups > depth) broken.push(`${path}: ${name}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('has no circles of imports: what a file is made of can be read before it', () => {
    const files = new Set(sourceFiles())
    const taken = new Map<string, string[]>()
    const all = new Set<string>()
    for (const path of files) {
      const names = importsOf(path).filter((name) => name.startsWith('.'))
      const paths = names.map((name) => targetOf(path, name)).filter((to) => files.has(to))
      for (const to of paths) all.add(`${path} -> ${to}`)
      taken.set(
        path,
        paths.filter((to) => !knowEachOther.includes(`${path} -> ${to}`)),
      )
    }
    expect(circlesIn(taken)).toEqual([])
    expect(knowEachOther.filter((each) => !all.has(each))).toEqual([])
  })

  it('imports other packages by their public entries, in tests too', () => {
    const broken: string[] = []
    for (const path of workspaceFiles().filter((file) => /\.[mt]s$/.test(file))) {
      for (const name of importsOf(path)) {
        if (isTrespass(path, name)) broken.push(`${path}: ${name}`)
      }
    }
    expect(broken).toEqual([])
  })

  it.each([
    ['test/fuzz/src/a.ts', '@ottla/protocol/src/index.js', true],
    ['test/fuzz/src/a.ts', '../../../packages/protocol/src/index.js', true],
    ['test/fuzz/src/a.ts', '../../bench/src/median.js', true],
    ['test/fuzz/src/a.ts', '../../../packages/protocol/src/testing/schema-values.js', false],
    ['packages/log/tsup.config.ts', '../../tsup.base.js', false],
    ['packages/log/src/a.test.ts', '../test/batches.js', false],
    ['packages/log/src/a.test.ts', '@ottla/protocol', false],
  ])('knows whether %s may import %s', (path, name, expected) => {
    expect(isTrespass(path, name)).toBe(expected)
  })
})

/** What reaches outside: time, randomness, files and sockets come in as arguments instead. */
const outside: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\)/, 'the clock'],
  [/\bperformance\.now\b|\bprocess\.hrtime\b/, 'the clock'],
  [/\b(setTimeout|setInterval|setImmediate)\(/, 'timers'],
  [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/, 'randomness'],
  [/from 'node:fs(\/promises)?'/, 'files'],
  [/from 'node:(net|tls|http|dgram|dns)(\/promises)?'/, 'sockets'],
]

/** The listed rooms with a door to the outside. */
const doors: Record<string, readonly RegExp[]> = {
  // A codec that is WebAssembly reads its own module once.
  'packages/protocol': [/^src\/compression\/zstd-wasm\.ts$/],
  'packages/network': [/^src\/platform\//, /^src\/transport\//],
  'packages/producer': [],
  'packages/consumer': [],
  'packages/admin': [],
  'packages/coordinator': [],
  'packages/log': [/^src\/storage\//],
  'apps/broker': [/^src\/platform\.ts$/],
}

describe('platform', () => {
  it('reaches time, randomness, files and sockets only through the listed doors', () => {
    const broken: string[] = []
    for (const path of sourceFiles()) {
      const folder = path.split('/').slice(0, 2).join('/')
      const inside = path.slice(folder.length + 1)
      const open = doors[folder]
      if (open === undefined || open.some((door) => door.test(inside))) continue
      const code = read(path)
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .replaceAll(/\/\/.*$/gm, '')
      for (const [pattern, what] of outside) {
        if (pattern.test(code)) broken.push(`${path}: ${what}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('lets only the codecs, the checksums and the tests of protocol use libraries', () => {
    const broken: string[] = []
    for (const path of sourceFiles().filter((file) => file.startsWith('packages/protocol/'))) {
      if (/\/src\/(compression|bytes|testing)\//.test(path)) continue
      for (const name of importsOf(path)) if (!name.startsWith('.')) broken.push(`${path}: ${name}`)
    }
    expect(broken).toEqual([])
  })
})
