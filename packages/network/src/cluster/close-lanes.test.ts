import { Heartbeat } from '@ottla/protocol'
import { expect, it } from 'vitest'
import { collectEvents } from '../../test/collect-events.js'
import { ScriptedBroker } from '../../test/scripted-broker.js'
import { clientOptions } from '../options/client-options.js'
import { createSimulatedPlatform } from '../platform/simulated-platform.js'
import { Cluster } from './cluster.js'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }

it('cuts one client off without a word against the broker, answered yet or not', async () => {
  const world = createSimulatedPlatform(1)
  const parked: string[] = []
  const broker = await ScriptedBroker.start({
    network: world.network.host('entry'),
    host: 'entry',
    port: 9092,
    scripts: {
      Heartbeat: ({ body }) => {
        if (body.groupId === 'g') return { errorCode: 0 }
        parked.push(String(body.groupId))
        return undefined
      },
    },
  })
  const platform = world.host('client')
  const cluster = new Cluster(clientOptions.resolve({ bootstrapServers: 'entry:9092', platform }))
  const failures = collectEvents('ottla:connection:failed')
  const ends = collectEvents('ottla:connection:close')
  const request = cluster.request(
    Heartbeat,
    { ...heartbeat, groupId: 'parked' },
    { lane: 'consumer-1-fetch' },
  )
  const refused = expect(request).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
  while (parked.length === 0) await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
  await world.clock.runUntil(cluster.closeLanes('consumer-1-'))
  await refused
  expect(ends).toHaveLength(1)
  expect(failures).toEqual([])
  expect(cluster.unreachable()).toBeUndefined()
  // Another lane is made at once, without the pause that follows a failure.
  const startMs = platform.clock.monotonic()
  await world.clock.runUntil(
    cluster.request(Heartbeat, heartbeat, { lane: 'consumer-2', timeoutMs: 40 }),
  )
  expect(platform.clock.monotonic() - startMs).toBeLessThan(40)
  await world.clock.runUntil(cluster.close())
  await world.clock.runUntil(broker.close())
})
