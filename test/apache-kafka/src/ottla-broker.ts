import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReadyServer } from './ready-server.js'
import type { KafkaTarget } from './target.js'

const BIN = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'ottla.js')

/** How our broker is started as a process. */
export interface OttlaBrokerOptions {
  /** Configs by Kafka's names. */
  configs?: Readonly<Record<string, string>>
  /** Keeps everything in memory; nothing survives a restart then. */
  inMemory?: boolean
  /** Serves from this directory, which stays; the default is one of its own, gone at the end. */
  dataDir?: string
  /** Further arguments for `ottla broker`. */
  args?: readonly string[]
  /** The Node to run it with; default: this one. */
  node?: string
}

/**
 * Starts `ottla broker` as a process of its own, on a free port and with a data directory on disk. Needs a build.
 *
 * @throws Error with the broker's output when it does not start
 */
export async function startOttlaBroker(options: OttlaBrokerOptions = {}): Promise<KafkaTarget> {
  const { configs = {}, inMemory = false, args = [], node = process.execPath } = options
  const folder = await mkdtemp(join(tmpdir(), 'ottla-broker-'))
  const dataDir = options.dataDir ?? join(folder, 'data')
  const settings = Object.entries(configs).flatMap(([key, value]) => [
    '--config',
    `${key}=${value}`,
  ])
  const storage = inMemory ? [] : ['--data-dir', dataDir]
  const server = new ReadyServer(
    node,
    (address) => [BIN, 'broker', '--listen', address, ...storage, ...settings, ...args],
    join(folder, 'broker.log'),
  )
  await server.start()
  return {
    bootstrapServers: server.address,
    dataDirs: inMemory ? [] : [dataDir],
    get pids() {
      return server.pid === undefined ? [] : [server.pid]
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: async () => {
      await server.stop()
      await server.start()
    },
    remove: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
