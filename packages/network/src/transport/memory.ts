import type { Clock } from '../platform/clock.js'
import type { Random } from '../platform/random.js'
import type { Network } from './transport.js'

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  /** Least and greatest time a frame travels; each frame draws its own, order is kept. Default [0.1, 1]. */
  readonly latencyMs?: readonly [number, number]
}

export interface MemoryNetwork extends Network {
  /** The network as seen from the machine called `name`; the network itself is the view of `localhost`. */
  host(name: string): Network
  /** Bytes between two machines stop (they arrive after healing); new connections run into their timeout. Returns the healing. */
  partition(one: string, other: string): () => void
  /** Resets all open connections of a machine (all of the network without a name), as a pulled cable seen late does. */
  killConnections(host?: string): number
  /** Open connections (each counted once). */
  readonly openConnections: number
}
export declare const createMemoryNetwork: (options: MemoryNetworkOptions) => MemoryNetwork
