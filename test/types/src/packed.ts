import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the workspace. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Folders of what goes to npm whose READMEs have examples to run. */
export const publishedFolders = [
  'packages/protocol',
  'packages/network',
  'packages/producer',
  'packages/consumer',
  'packages/admin',
  'packages/coordinator',
  'packages/log',
  'packages/ottla',
  'apps/broker',
  'apps/cli',
] as const

/** All that is packed; the README of the suite has parts of tests, which do not run as they stand. */
const packedFolders = [...publishedFolders, 'apps/conformance']

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  packageManager: string
}

/** A new directory of its own for a test. */
export function scratchDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `ottla-${name}-`))
}

/** Runs a command and gives its output; an error carries what it printed. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): string {
  try {
    return execFileSync(command, args, {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout ?? ''}\n${stderr ?? ''}`)
  }
}

/** Packs every published package as the registry would get it; the tarballs' paths. */
export function packAll(): string[] {
  const destination = scratchDirectory('tarballs')
  for (const folder of packedFolders) {
    run(
      'npx',
      ['-y', packageManager, 'pack', '--pack-destination', destination],
      join(root, folder),
    )
  }
  return readdirSync(destination).map((name) => join(destination, name))
}

/** The node binary of a major version, from the npm package of that name; kept between runs. */
export function nodeBinary(major: number): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const home = join(process.env.OTTLA_CACHE ?? join(homedir(), '.cache', 'ottla'), `node-${major}`)
  const binary = join(home, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(binary)) {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
    // The package links its binary in an install script.
    run('npm', ['install', '--no-audit', '--no-fund', `node@${major}`], home)
  }
  return binary
}

/**
 * An empty project with everything installed from the tarballs by npm, run by the given Node.
 *
 * @returns the project's directory
 */
export function installPacked(
  tarballs: readonly string[],
  node: string,
  flags: string[] = [],
): string {
  const project = scratchDirectory('project')
  writeFileSync(
    join(project, 'package.json'),
    `${JSON.stringify({ name: 'application', private: true, type: 'module' })}\n`,
  )
  const npm = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')
  const args = ['install', '--no-audit', '--no-fund', ...flags, ...tarballs]
  const env = { PATH: `${dirname(node)}:${process.env.PATH ?? ''}` }
  if (existsSync(npm)) run(node, [npm, ...args], project, env)
  else run('npm', args, project, env)
  return project
}

/** The runnable examples of a package's pages (README and TESTING): their js and ts blocks, as they stand. */
export function readmeExamples(folder: string): string[] {
  const text = ['README.md', 'TESTING.md']
    .map((page) => join(root, folder, page))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  return [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string)
}
