import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { read, root, sourceFiles, workspaceFiles } from './src/workspace.js'

interface Manifest {
  name: string
  private?: boolean
  type?: string
  license?: string
  engines?: { node?: string }
  sideEffects?: boolean
  scripts?: Record<string, string>
  packageManager?: string
  dependencies?: Record<string, string>
  publishConfig?: { exports?: Record<string, Record<string, string> | string> }
}

const manifestPaths = workspaceFiles().filter((path) =>
  /^(packages|apps)\/[^/]+\/package\.json$/.test(path),
)
const manifest = (path: string) => JSON.parse(read(path)) as Manifest
const published = manifestPaths.filter((path) => !manifest(path).private)

describe('manifests', () => {
  it('are ESM, Apache-2.0, for Node >= 20.19 and without side effects', () => {
    for (const path of published) {
      expect(manifest(path), path).toMatchObject({
        type: 'module',
        license: 'Apache-2.0',
        engines: { node: '>=20.19' },
        sideEffects: false,
      })
    }
  })

  it('publish no condition that points at sources', () => {
    for (const path of published) {
      const { publishConfig } = manifest(path)
      expect(JSON.stringify(publishConfig?.exports ?? { src: '' }), path).not.toMatch(/src/)
    }
  })

  it('depend on nothing at run time that their sources do not use', () => {
    const unused: string[] = []
    for (const path of published) {
      const folder = path.replace('package.json', '')
      const text = sourceFiles()
        .filter((file) => file.startsWith(folder))
        // What a bundle leaves outside is used, too.
        .concat(`${folder}tsup.config.ts`)
        .map(read)
        .join('\n')
      for (const name of Object.keys(manifest(path).dependencies ?? {})) {
        if (!text.includes(`'${name}`)) unused.push(`${path}: ${name}`)
      }
    }
    expect(unused).toEqual([])
  })

  it('run nothing at install time', () => {
    for (const path of manifestPaths) {
      const scripts = Object.keys(manifest(path).scripts ?? {})
      expect(
        scripts.filter((name) => /install|prepare/.test(name)),
        path,
      ).toEqual([])
    }
  })
})

describe('the workspace', () => {
  it('keeps its top level to the agreed names', () => {
    const top = new Set(workspaceFiles().map((path) => path.split('/')[0] as string))
    const agreed = [
      'package.json',
      'pnpm-workspace.yaml',
      'turbo.json',
      'packages',
      'apps',
      'test',
      'README.md',
    ]
    const tooling = [
      'LICENSE',
      'pnpm-lock.yaml',
      'biome.json',
      'knip.json',
      'tsconfig.json',
      'tsconfig.base.json',
      'tsup.base.ts',
      'vitest.config.ts',
    ]
    const odd = [...top].filter(
      (name) => !name.startsWith('.') && ![...agreed, ...tooling].includes(name),
    )
    expect(odd).toEqual([])
  })

  it('is never installed by npm', () => {
    expect(existsSync(`${root}package-lock.json`)).toBe(false)
    expect((JSON.parse(read('package.json')) as Manifest).dependencies?.['@ottla/cli']).toMatch(
      /^workspace:/,
    )
  })

  it('names no registry host and no path of a machine', () => {
    const pattern =
      /https?:\/\/(registry|repo1?|proxy|index|static|files)\.[a-z]+\.(org|com|io)|(^|[\s'"`(])\/(home|Users|root)\/[a-z]/m
    const own = 'test/tidy/manifests.test.ts'
    const found = workspaceFiles().filter(
      (path) =>
        path !== own &&
        /\.(ts|mjs|js|json|ya?ml|md|java|sh)$/.test(path) &&
        pattern.test(read(path)),
    )
    expect(found).toEqual([])
  })

  it('has a README in every package and app', () => {
    const missing = manifestPaths
      .map((path) => path.replace('package.json', 'README.md'))
      .filter((path) => !existsSync(root + path))
    expect(missing).toEqual([])
  })
})
