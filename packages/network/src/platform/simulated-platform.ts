import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.js'
import { simulatedCrypto } from './crypto.js'
import type { Platform } from './platform.js'
import type { Random } from './random.js'
import { seededRandom } from './seeded-random.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

/** A platform whose time, randomness and network belong to one simulation. */
export interface SimulatedPlatform extends Platform {
  readonly clock: VirtualClock
  readonly random: Random
  readonly network: MemoryNetwork
  /** The same world as seen from the machine called `name`: connections it makes can be partitioned by that name. */
  host(name: string): Platform
}

/** Creates a world from a seed: everything that happens in it repeats with the same seed. */
export const createSimulatedPlatform = (
  seed: number,
  options: { readonly startMs?: number; readonly latencyMs?: readonly [number, number] } = {},
): SimulatedPlatform => {
  const clock = createVirtualClock(options)
  const random = seededRandom(seed)
  const latency = options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }
  const network = createMemoryNetwork({ clock, random, ...latency })
  return {
    clock,
    random,
    network,
    crypto: simulatedCrypto,
    host: (name) => ({ clock, random, network: network.host(name), crypto: simulatedCrypto }),
  }
}
