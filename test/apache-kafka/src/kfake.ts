import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goProgram } from './go-program.js'
import { ReadyServer } from './ready-server.js'
import { PLAINTEXT } from './security.js'
import type { KafkaTarget } from './target.js'
import { targetFacts } from './target-facts.js'

const SOURCE = join(import.meta.dirname, '..', 'go', 'kfake')

/** How kfake is started. */
export interface KfakeOptions {
  /** Keeps its data in files instead of memory. */
  onDisk?: boolean
}

/**
 * Starts kfake, the in-memory broker of franz-go, on a free port. Needs Go, which builds it on first use.
 *
 * @throws Error with the compiler's or kfake's output when it does not start
 */
export async function startKfake({ onDisk = false }: KfakeOptions = {}): Promise<KafkaTarget> {
  const binary = await goProgram(SOURCE)
  const folder = await mkdtemp(join(tmpdir(), 'ottla-kfake-'))
  const dataDir = join(folder, 'data')
  const server = new ReadyServer(
    binary,
    (address) => [
      '-port',
      address.slice(address.lastIndexOf(':') + 1),
      ...(onDisk ? ['-data-dir', dataDir] : []),
    ],
    join(folder, 'kfake.log'),
  )
  await server.start()
  const port = Number(server.address.slice(server.address.lastIndexOf(':') + 1))
  return {
    ...targetFacts({
      name: 'kfake',
      release: undefined,
      provides: ['auto-create-topics', ...(onDisk ? (['restart'] as const) : [])],
      nodes: [[{ ...PLAINTEXT, port }]],
    }),
    dataDirs: onDisk ? [dataDir] : [],
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
      await server.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
