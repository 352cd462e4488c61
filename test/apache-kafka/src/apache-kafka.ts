import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { cacheFolder } from './cache.js'
import { brokerJars, CURRENT_RELEASE } from './jar-sets.js'
import { compilePlugin } from './java-plugin.js'
import { freePorts } from './ports.js'
import { untilReady } from './probe.js'
import {
  isRelease3,
  kafkaAbilities,
  type MergedProfile,
  mergeProfiles,
  type TargetProfile,
} from './profiles.js'
import { type RunOptions, type RunResult, run } from './run.js'
import { PLAINTEXT, scramArguments } from './security.js'
import { ServerProcess } from './server-process.js'
import { type NodePlace, serverProperties } from './server-properties.js'
import type { KafkaTarget, TargetNode } from './target.js'
import { type TargetFacts, targetFacts } from './target-facts.js'
import { type KafkaTool, runTool } from './tools.js'

const START_TIMEOUT_MS = 90_000
const KEEP_LOGS_MS = 7 * 24 * 3_600_000

/** What cluster to start. */
export interface ApacheKafkaOptions {
  /** A release that Maven serves, such as 4.4.0 (the default) or 3.9.2. */
  version?: string
  /** Brokers of the cluster, each a controller too. Default 1, or what the profile needs. */
  nodes?: number
  /** What the cluster is for; several go together. Default: a plain one. */
  profile?: TargetProfile | readonly TargetProfile[]
  /**
   * Settings of `server.properties`, over the ones that suit tests and those of the profile. `{port}`, `{controllerPort}`
   * and `{nodeId}` stand for those of the node, so that `listeners` can be extended and racks told apart.
   */
  configs?: Record<string, string | number | boolean>
  /** A data directory of node 1 that somebody has left: opened as it is, without a format step, and not removed. */
  dataDir?: string
  /**
   * Where its folder is made; default: where the system keeps temporary files. In memory Kafka's many calls of fsync
   * cost nothing.
   */
  parentFolder?: string
  /** Arguments for Java. The default starts quickly and compiles lightly; a load test wants `-Xmx2g` and no more. */
  jvmArgs?: readonly string[]
}

/** One broker of a cluster. */
export interface ApacheKafkaNode extends TargetNode {
  /** `127.0.0.1:PORT`; stays the same over restarts. */
  readonly address: string
  readonly dataDir: string
  readonly logFile: string
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void>
}

/** A running cluster of Apache Kafka. */
export interface ApacheKafka extends KafkaTarget, AsyncDisposable {
  readonly version: string
  readonly nodes: readonly ApacheKafkaNode[]
  /** The log of the first node. */
  readonly logFile: string
  /** Runs one of Kafka's command-line tools against this cluster. */
  tool(name: KafkaTool, args: readonly string[], options?: RunOptions): Promise<RunResult>
}

/**
 * Starts real Apache Kafka in KRaft mode on free ports of the loopback interface, and waits until every node serves.
 * The jars come from Maven on first use. Nothing is left running when this process ends, however it ends.
 *
 * @throws Error with the end of the broker's log when it does not start
 */
export async function startApacheKafka(options: ApacheKafkaOptions = {}): Promise<ApacheKafka> {
  const { version = CURRENT_RELEASE, configs = {}, jvmArgs, dataDir } = options
  const profile = mergeProfiles(options.profile)
  const jars = await brokerJars(version)
  const plugins = await Promise.all(profile.plugins.map((name) => compilePlugin(jars, name)))
  const classPath = [jars.classPath, ...plugins].join(delimiter)
  const folder = await mkdtemp(join(options.parentFolder ?? tmpdir(), 'ottla-kafka-'))
  let kafka: Cluster | undefined
  try {
    const logs = await logFolder(basename(folder))
    const placed = await placeNodes(options.nodes ?? profile.nodes, folder, profile)
    const places = dataDir === undefined ? placed : placed.map((place) => ({ ...place, dataDir }))
    const clusterId = randomClusterId()
    const more = formatArguments(version, profile)
    const settings = { ...profile.kafkaConfigs, ...configs }
    const made = places.map(async (place) => {
      await mkdir(place.dataDir, { recursive: true })
      const properties = propertiesFile(folder, place)
      await writeFile(properties, serverProperties(place, places, settings))
      if (dataDir === undefined) await format(classPath, clusterId, properties, more)
    })
    await allEnded(made)
    const servers = places.map((place) => {
      const java = ['-cp', classPath, 'kafka.Kafka', propertiesFile(folder, place)]
      const args = [...(jvmArgs ?? DEFAULT_JVM_ARGS), ...LOGGING, ...java]
      return new ServerProcess('java', () => args, join(logs, `node-${place.id}.log`))
    })
    kafka = new Cluster(version, profile, folder, places, servers)
    await kafka.restart()
    return kafka
  } catch (error) {
    await kafka?.kill()
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Waits for all, also when one fails: what still runs would write into a folder that is being removed. */
async function allEnded(promises: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(promises)
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

const DEFAULT_JVM_ARGS = ['-Xmx1g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

const LOGGING = [
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
]

class Cluster implements ApacheKafka {
  readonly version: string
  readonly name: TargetFacts['name']
  readonly release: TargetFacts['release']
  readonly provides: TargetFacts['provides']
  readonly bootstrapServers: TargetFacts['bootstrapServers']
  readonly listeners: TargetFacts['listeners']
  readonly users: TargetFacts['users']
  readonly certificates: TargetFacts['certificates']
  readonly nodes: readonly ApacheKafkaNode[]
  readonly dataDirs: readonly string[]
  readonly logFile: string
  readonly #folder: string
  readonly #places: readonly NodePlace[]
  readonly #servers: readonly ServerProcess[]

  constructor(
    version: string,
    profile: MergedProfile,
    folder: string,
    places: readonly NodePlace[],
    servers: readonly ServerProcess[],
  ) {
    this.version = version
    this.#folder = folder
    this.#places = places
    this.#servers = servers
    this.nodes = places.map((place, index) => this.#node(place, servers[index] as ServerProcess))
    const facts = targetFacts({
      name: `apache-kafka-${version}`,
      release: /^\d+\.\d+/.exec(version)?.[0],
      provides: kafkaAbilities(version, places.length, profile),
      nodes: places.map((place) => place.listeners),
    })
    this.name = facts.name
    this.release = facts.release
    this.provides = facts.provides
    this.bootstrapServers = facts.bootstrapServers
    this.listeners = facts.listeners
    this.users = facts.users
    this.certificates = facts.certificates
    this.dataDirs = places.map((place) => place.dataDir)
    this.logFile = servers[0]?.logFile ?? ''
  }

  #node(place: NodePlace, server: ServerProcess): ApacheKafkaNode {
    return {
      id: place.id,
      address: addressOf(place),
      dataDir: place.dataDir,
      logFile: server.logFile,
      start: async () => {
        server.start()
        await this.#untilReady([place.id])
      },
      stop: () => server.stop(),
      kill: () => server.kill(),
      pause: () => server.pause(),
      resume: () => server.resume(),
    }
  }

  get pids(): readonly number[] {
    return this.#servers.map(({ pid }) => pid).filter((pid) => pid !== undefined)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
  }

  async kill(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()))
  }

  async restart(): Promise<void> {
    await this.stop()
    for (const server of this.#servers) server.start()
    await this.#untilReady(this.#places.map((place) => place.id))
  }

  async remove(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  tool(name: KafkaTool, args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return runTool(name, this.bootstrapServers, args, options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove()
  }

  /** Until these nodes know of every running one. One that does not serve in time is killed; the others and all data stay. */
  async #untilReady(ids: readonly number[]): Promise<void> {
    const running = this.#servers.filter((server) => server.isRunning).length
    await Promise.all(
      this.#places.map(async (place, index) => {
        const server = this.#servers[index] as ServerProcess
        if (!ids.includes(place.id)) return
        try {
          await untilReady(addressOf(place), running, () => server.isRunning, START_TIMEOUT_MS)
        } catch (error) {
          const log = server.logTail()
          await server.kill()
          throw new Error(`Apache Kafka ${this.version}: ${(error as Error).message}\n${log}`)
        }
      }),
    )
  }
}

/** Kafka's own ids never begin with a dash either: the tools would take them for an option. */
function randomClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A')
}

function addressOf({ listeners }: NodePlace): string {
  return `127.0.0.1:${listeners[0]?.port}`
}

async function placeNodes(
  count: number,
  folder: string,
  profile: MergedProfile,
): Promise<NodePlace[]> {
  const kinds = [PLAINTEXT, ...profile.listeners]
  const ports = await freePorts(count * (kinds.length + 1))
  const next = () => ports.pop() as number
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    listeners: kinds.map((kind) => ({ ...kind, port: next() })),
    controllerPort: next(),
    dataDir: join(folder, `data-${index + 1}`),
  }))
}

function propertiesFile(folder: string, { id }: NodePlace): string {
  return join(folder, `server-${id}.properties`)
}

/** What a cluster has to know before it starts: levels of features and SCRAM users. All nodes are told the same. */
function formatArguments(version: string, { features, listeners }: MergedProfile): string[] {
  // The levels that 3.9 has by default are those below 4.0's.
  const levels = isRelease3(version) ? [] : Object.entries(features)
  return [
    ...levels.flatMap(([name, level]) => ['--feature', `${name}=${level}`]),
    ...(listeners.length > 0 ? scramArguments() : []),
  ]
}

async function format(
  classPath: string,
  clusterId: string,
  properties: string,
  more: readonly string[],
): Promise<void> {
  const main = ['-cp', classPath, 'kafka.tools.StorageTool']
  const fast = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  await run('java', [...fast, ...main, 'format', '-t', clusterId, '-c', properties, ...more])
}

/** A folder in the cache for the logs of one cluster; those of clusters older than a week go. */
async function logFolder(name: string): Promise<string> {
  const all = join(cacheFolder(), 'logs')
  await mkdir(join(all, name), { recursive: true })
  for (const entry of await readdir(all)) {
    const info = await stat(join(all, entry)).catch(() => undefined)
    if (info !== undefined && Date.now() - info.mtimeMs > KEEP_LOGS_MS) {
      await rm(join(all, entry), { recursive: true, force: true })
    }
  }
  return join(all, name)
}
