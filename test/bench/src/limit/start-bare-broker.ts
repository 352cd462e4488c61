import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newestNode, ReadyServer } from '@ottla-test/apache-kafka'

/** What the bench of brokers needs of a broker. */
export interface MeasuredBroker {
  readonly bootstrapServers: string
  readonly pids: readonly number[]
  remove(): Promise<void>
}

/** Starts the bare loop of `bare-broker.ts` as a process of its own. */
export async function startBareBroker(): Promise<MeasuredBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-bare-'))
  const script = join(import.meta.dirname, 'bare-broker.ts')
  const server = new ReadyServer(
    await newestNode(),
    () => ['--conditions', '@ottla/source', '--import', 'tsx', script, folder],
    join(folder, 'broker.log'),
  )
  await server.start()
  return {
    bootstrapServers: server.address,
    pids: server.pid === undefined ? [] : [server.pid],
    remove: async () => {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
