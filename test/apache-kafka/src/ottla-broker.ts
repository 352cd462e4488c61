import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './ports.js'
import { type MergedProfile, mergeProfiles, type TargetProfile } from './profiles.js'
import { ReadyServer } from './ready-server.js'
import { listenerSettings, PLAINTEXT, type PlacedListener, SECURITY_USERS } from './security.js'
import type { KafkaTarget } from './target.js'
import { targetFacts } from './target-facts.js'

const BIN = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'ottla.js')

/** What `ottla broker` shows unless told otherwise. */
const SHOWN_RELEASE = '4.4'
const RESTART = ['restart'] as const
const USERS = SECURITY_USERS.flatMap((user) => ['--user', `${user.username}:${user.password}`])

/** How our broker is started as a process. */
export interface OttlaBrokerOptions {
  /** What the broker is for, as far as it goes along; several go together. Default: a plain one. */
  profile?: TargetProfile | readonly TargetProfile[]
  /** Configs by Kafka's names, over those of the profile. */
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
  const profile = mergeProfiles(options.profile)
  const listeners = await placeListeners(profile)
  const secured = listeners.length === 1 ? {} : listenerSettings(listeners)
  const all = { ...profile.configs, ...secured, ...configs }
  const settings = Object.entries(all).flatMap(([key, value]) => ['--config', `${key}=${value}`])
  const storage = inMemory ? [] : ['--data-dir', dataDir]
  const server = new ReadyServer(
    node,
    (address) => {
      const listen = listeners.length === 1 ? ['--listen', address] : USERS
      return [BIN, 'broker', ...listen, ...storage, ...settings, ...args]
    },
    join(folder, 'broker.log'),
  )
  await server.start()
  const port = Number(server.address.slice(server.address.lastIndexOf(':') + 1))
  return {
    ...targetFacts({
      name: 'ottla',
      release: SHOWN_RELEASE,
      provides: ['auto-create-topics', ...(inMemory ? [] : RESTART), ...profile.provides],
      nodes: [listeners.map((each, index) => (index === 0 ? { ...each, port } : each))],
    }),
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

/** A plain broker finds a port by itself; with more listeners, all have to be named. */
async function placeListeners({ listeners }: MergedProfile): Promise<PlacedListener[]> {
  const kinds = [PLAINTEXT, ...listeners]
  const ports = listeners.length === 0 ? [0] : await freePorts(kinds.length)
  return kinds.map((kind, index) => ({ ...kind, port: ports[index] as number }))
}
