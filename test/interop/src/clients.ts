import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cacheFolder,
  goPrograms,
  newestNode,
  run,
  TOOLS_RELEASE,
  type ToolName,
  toolsJars,
  withLock,
} from '@ottla-test/apache-kafka'

const CLIENTS = join(import.meta.dirname, '..', 'clients')
const INSTALL_TIMEOUT_MS = 300_000

/** A client of the matrix: a program that takes the commands of `clients/README.md`. */
export interface Client {
  readonly name: string
  /** What runs: the release of the client, as its toolchain's list of dependencies has it. */
  readonly version: () => Promise<string>
  readonly requires: readonly ToolName[]
  /** Prints a line for each record; otherwise a line for each partition of a batch. */
  readonly reportsEachRecord: boolean
  /** Writes records of its own instead of those it is given, as many. Default: false. */
  readonly makesRecords?: boolean
  /** Fetches what it needs and gives the command to run it. */
  readonly prepare: () => Promise<readonly string[]>
}

/** A release as a list of dependencies has it. @throws Error when it is not there */
function listed(file: string, pattern: RegExp): () => Promise<string> {
  return async () => {
    const found = pattern.exec(await readFile(join(CLIENTS, file), 'utf8'))?.[1]
    if (found === undefined) throw new Error(`${file} has nothing like ${pattern}`)
    return found
  }
}

const goClient = (name: string, module: string): Client => ({
  name,
  version: listed('go/go.mod', new RegExp(`${module} v(\\S+)`)),
  requires: ['go'],
  reportsEachRecord: true,
  prepare: async () => [join(await goPrograms(join(CLIENTS, 'go')), name)],
})

const pythonClient = (name: string, file: string, pattern: RegExp): Client => ({
  name,
  version: listed('python/requirements.txt', pattern),
  requires: ['python'],
  reportsEachRecord: true,
  prepare: async () => [await python(), join(CLIENTS, 'python', file)],
})

const nodeClient = (name: string, pattern: RegExp, node: () => Promise<string>): Client => ({
  name,
  version: listed('../package.json', pattern),
  requires: [],
  reportsEachRecord: false,
  prepare: async () => [
    await node(),
    join(CLIENTS, 'node', `${name.replace(/.*@/, '')}-client.mjs`),
  ],
})

const thisNode = async () => process.execPath

/** Kafka's own client in Java. */
export const javaClient: Client = {
  name: 'Java',
  version: async () => TOOLS_RELEASE,
  requires: ['java', 'maven'],
  reportsEachRecord: true,
  prepare: javaCommand,
}

/** A tool that comes with Kafka, and tells less than its client would. */
const javaTools = (name: string, file: string, more: Partial<Client> = {}): Client => ({
  ...javaClient,
  name,
  prepare: async () => {
    const { classPath } = await toolsJars()
    return [process.execPath, join(CLIENTS, 'tools', file), '--class-path', classPath]
  },
  ...more,
})

/** Ours, as it was built. */
export const ottlaClient: Client = {
  name: 'Ottla',
  version: async () => 'this tree',
  requires: [],
  reportsEachRecord: true,
  prepare: async () => [process.execPath, join(CLIENTS, 'node', 'ottla-client.mjs')],
}

/** Everybody else's, from the widest known on. */
export const foreignClients: readonly Client[] = [
  javaClient,
  javaTools('Java console tools', 'console-client.mjs', { reportsEachRecord: false }),
  javaTools('Java verifiable clients', 'verifiable-client.mjs', { makesRecords: true }),
  { ...javaClient, name: 'Java TransactionalMessageCopier' },
  {
    name: 'kcat (librdkafka)',
    version: kcatVersion,
    requires: ['kcat'],
    reportsEachRecord: false,
    prepare: async () => [process.execPath, join(CLIENTS, 'tools', 'kcat-client.mjs')],
  },
  pythonClient('confluent-kafka (librdkafka)', 'confluent_client.py', /^confluent-kafka==(.*)$/m),
  goClient('franz-go', 'twmb/franz-go'),
  goClient('sarama', 'IBM/sarama'),
  goClient('kafka-go', 'segmentio/kafka-go'),
  pythonClient('kafka-python', 'kafka_python_client.py', /^kafka-python==(.*)$/m),
  pythonClient('aiokafka', 'aiokafka_client.py', /^aiokafka==(.*)$/m),
  nodeClient('kafkajs', /"kafkajs": "(.*?)"/, thisNode),
  nodeClient('platformatic', /"@platformatic\/kafka": "(.*?)"/, newestNode),
  {
    name: 'rskafka',
    version: listed('rust/Cargo.toml', /^rskafka = .*?=(\d[\d.]*)"/m),
    requires: ['rust'],
    reportsEachRecord: true,
    prepare: rustCommand,
  },
]

/** The Java client, compiled once until its source changes: each of its runs would compile it anew otherwise. */
async function javaCommand(): Promise<readonly string[]> {
  const { classPath } = await toolsJars()
  const source = join(CLIENTS, 'java', 'JavaClient.java')
  const folder = join(cacheFolder(), 'java-client')
  const compiled = join(folder, 'JavaClient.java')
  await withLock('java-client', async () => {
    const wanted = await readFile(source, 'utf8')
    if ((await readFile(compiled, 'utf8').catch(() => '')) === wanted) return
    await run('javac', ['-cp', classPath, '-d', folder, source])
    await writeFile(compiled, wanted)
  })
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
  return ['java', ...jvm, '-cp', `${folder}:${classPath}`, 'JavaClient']
}

/** As kcat says it, which comes with the system. */
async function kcatVersion(): Promise<string> {
  const { stdout } = await run('kcat', ['-V'])
  const [, own, library] = /^Version (\S+) .*librdkafka (\S+)/m.exec(stdout) ?? []
  return `${own} (${library})`
}

/** A Python with the packages of `requirements.txt`, kept in the cache until that file changes. */
async function python(): Promise<string> {
  const requirements = join(CLIENTS, 'python', 'requirements.txt')
  const folder = join(cacheFolder(), 'python')
  const installed = join(folder, 'requirements.txt')
  const interpreter = join(folder, 'bin', 'python')
  return withLock('python', async () => {
    const wanted = await readFile(requirements, 'utf8')
    if ((await readFile(installed, 'utf8').catch(() => '')) === wanted) return interpreter
    const options = { timeoutMs: INSTALL_TIMEOUT_MS }
    await run('python3', ['-m', 'venv', folder], options)
    await run(interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements], options)
    await writeFile(installed, wanted)
    return interpreter
  })
}

/** The Rust client, built once until its sources change. */
async function rustCommand(): Promise<readonly string[]> {
  const folder = join(CLIENTS, 'rust')
  const hash = createHash('sha256')
  for (const name of ['Cargo.toml', 'Cargo.lock', 'src/main.rs']) {
    hash.update(await readFile(join(folder, name)))
  }
  const target = join(cacheFolder(), 'rust')
  const binary = join(target, 'debug', 'rskafka-client')
  const built = join(target, `${hash.digest('hex').slice(0, 16)}.built`)
  return withLock('rust', async () => {
    if (existsSync(built)) return [binary]
    const env = { ...process.env, CARGO_TARGET_DIR: target }
    const args = ['build', '--quiet', '--locked']
    await run('cargo', args, { cwd: folder, env, timeoutMs: INSTALL_TIMEOUT_MS })
    await writeFile(built, '')
    return [binary]
  })
}
