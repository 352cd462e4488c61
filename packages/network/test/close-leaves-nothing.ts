/** Prints, as JSON, what would keep this process alive after clients in every state were closed; then ends by itself. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Heartbeat } from '@ottla/protocol'
import { Cluster } from '../src/cluster/cluster.js'
import { clientOptions } from '../src/options/client-options.js'
import { tcpNetwork } from '../src/transport/tcp.js'
import { ScriptedBroker } from './scripted-broker.js'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const answering = await ScriptedBroker.start({ network: tcpNetwork, scripts: {} })
const mute = await ScriptedBroker.start({
  network: tcpNetwork,
  scripts: { ApiVersions: () => undefined },
})
const gone = createServer().listen(0, '127.0.0.1')
await once(gone, 'listening')
const address = gone.address()
const goneAddress = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
gone.close()
await once(gone, 'close')

const clusters = [
  answering.address,
  mute.address,
  goneAddress,
  '10.255.255.1:9092',
  'no-such-host.invalid:9092',
].map(
  (bootstrapServers) =>
    new Cluster(
      clientOptions.resolve({
        bootstrapServers,
        reconnectBackoffMs: 60_000,
        reconnectBackoffMaxMs: 60_000,
      }),
    ),
)
const { signal } = new AbortController()
const waits = clusters.flatMap((cluster) => [
  cluster.request(Heartbeat, heartbeat, { signal }),
  cluster.request(Heartbeat, heartbeat, { lane: 'other' }),
  cluster.ensureTopics(['t']),
  cluster.coordinator('group', 'g'),
])
const outcomes = Promise.allSettled(waits)
while (answering.of('Heartbeat').length < 2 || mute.of('ApiVersions').length === 0) await turn()
await Promise.all(clusters.map((cluster) => cluster.close()))
const failed = (await outcomes).filter(({ status }) => status === 'rejected')
if (failed.length !== waits.length) throw new Error('a wait outlived its client')
await answering.close()
await mute.close()
// A closed handle of libuv is gone at the end of the turn.
await turn()
await turn()
// A name look-up in libuv's pool cannot be called back; it ends by itself.
const left = process
  .getActiveResourcesInfo()
  .filter((name) => !/Pipe|TTY|FSReq|Immediate|GetAddrInfo/.test(name))
process.stdout.write(JSON.stringify(left))
