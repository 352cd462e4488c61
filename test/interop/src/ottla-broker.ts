import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type KafkaTarget, ServerProcess, untilReady } from '@ottla-test/apache-kafka'

const START_TIMEOUT_MS = 30_000
const PAUSE_MS = 20
const BIN = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'ottla.js')

/** Starts `ottla broker` as a process of its own, on a free port and with a data directory on disk. */
export async function startOttla(configs: Record<string, string> = {}): Promise<KafkaTarget> {
  const folder = await mkdtemp(join(tmpdir(), 'ottla-broker-'))
  const dataDir = join(folder, 'data')
  const logFile = join(folder, 'broker.log')
  const settings = Object.entries(configs).flatMap(([key, value]) => [
    '--config',
    `${key}=${value}`,
  ])
  let address = '127.0.0.1:0'
  const server = new ServerProcess(
    process.execPath,
    () => [BIN, 'broker', '--listen', address, '--data-dir', dataDir, ...settings],
    logFile,
  )

  async function start(): Promise<void> {
    const seen = await readFile(logFile, 'utf8').catch(() => '')
    server.start()
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const [line = '', rest] = (await readFile(logFile, 'utf8')).slice(seen.length).split('\n')
      const ready = /^ready (\S+)$/.exec(line)?.[1]
      if (ready !== undefined && rest !== undefined) {
        address = ready
        break
      }
      if (!server.isRunning || Date.now() > deadline) {
        await server.kill()
        throw new Error(`ottla broker is not ready:\n${server.logTail()}`)
      }
      await delay(PAUSE_MS)
    }
    await untilReady(address, 1, () => server.isRunning, START_TIMEOUT_MS)
  }

  await start()
  return {
    get bootstrapServers() {
      return address
    },
    dataDirs: [dataDir],
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: async () => {
      await server.stop()
      await start()
    },
    remove: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
