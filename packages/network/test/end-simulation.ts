import { expect } from 'vitest'
import type { Cluster } from '../src/cluster/cluster.js'
import type { SimulatedPlatform } from '../src/platform/simulated-platform.js'
import type { ScriptedBroker } from './scripted-broker.js'

/** Closes everything and shows that nothing was left: no timer, no connection. */
export async function endSimulation(
  { clock, network }: SimulatedPlatform,
  cluster: Cluster,
  brokers: readonly ScriptedBroker[],
): Promise<void> {
  await clock.runUntil(cluster.close())
  for (const broker of brokers) await clock.runUntil(broker.close())
  await clock.advance(10)
  expect(clock.pendingTimers).toBe(0)
  expect(network.openConnections).toBe(0)
}
