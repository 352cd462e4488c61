import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder, newestNode, run, withLock } from '@ottla-test/apache-kafka'

const source = join(import.meta.dirname, '../../confluent')
const buildTimeoutMs = 1_200_000

/** Where the native libraries of the package are, and what they were built from. */
export interface ConfluentBuild {
  /** Holds `node_modules`. */
  readonly folder: string
  readonly version: string
  /** The release of librdkafka, whose source the package brings. */
  readonly librdkafka: string
  /** Headers and libraries of that librdkafka. */
  readonly nativeFolder: string
}

/**
 * Installs `@confluentinc/kafka-javascript` into the cache and builds it there, with the librdkafka it brings, for the Node that
 * all clients of the bench run on: some minutes, once. Its own install would fetch a prebuilt binary instead, so its scripts
 * do not run before it is told to build. Needs a C++ compiler, make, and the headers of OpenSSL, zlib and zstd.
 *
 * @throws Error with the compiler's output when it does not build
 */
export async function buildConfluent(): Promise<ConfluentBuild> {
  const lock = await readFile(join(source, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const node = await newestNode()
  const folder = join(cacheFolder(), `confluent-${digest}`)
  if (!existsSync(folder)) await withLock('confluent', () => build(folder, node))
  const modules = join(folder, 'node_modules/@confluentinc/kafka-javascript')
  const { version, librdkafka } = JSON.parse(
    await readFile(join(modules, 'package.json'), 'utf8'),
  ) as { version: string; librdkafka: string }
  return { folder, version, librdkafka, nativeFolder: join(modules, 'build/deps') }
}

async function build(folder: string, node: string): Promise<void> {
  if (existsSync(folder)) return
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    await copyFile(join(source, file), join(unfinished, file))
  }
  const options = { cwd: unfinished, timeoutMs: buildTimeoutMs }
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options)
  // Its make starts a job per file: at the lowest priority that leaves the machine to others.
  await run('nice', ['-n', '19', 'npm', 'rebuild', '--foreground-scripts'], {
    ...options,
    env: {
      ...process.env,
      PATH: `${dirname(node)}:${process.env.PATH}`,
      // Against the system's libraries: otherwise it fetches the sources of each.
      CKJS_LINKING: 'dynamic',
      npm_config_build_from_source: 'true',
      npm_config_nodedir: await headersOf(node),
    },
  })
  await rename(unfinished, folder)
}

/** The prefix under which the headers of this Node are. @throws Error when they are not there */
async function headersOf(node: string): Promise<string> {
  const { stdout } = await run(node, ['-p', 'process.arch'])
  const packaged = join(dirname(node), `../node_modules/node-linux-${stdout.trim()}`)
  const prefixes = [join(dirname(node), '..'), packaged, '/usr']
  const found = prefixes.find((prefix) => existsSync(join(prefix, 'include/node/node.h')))
  if (found !== undefined) return found
  throw new Error(`no headers of ${node}: none of ${prefixes.join(', ')} has include/node/node.h`)
}
