/** A platform without the outside world: virtual clock, seeded randomness, network in memory. For tests. */

export { seededRandom } from './platform/seeded-random.js'
export { createSimulatedPlatform, type SimulatedPlatform } from './platform/simulated-platform.js'
export { createVirtualClock, type RunOptions, type VirtualClock } from './platform/virtual-clock.js'
/** What cuts a stream into frames, without the socket: for fuzzers. */
export { FrameReader } from './transport/frame-reader.js'
export {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './transport/memory.js'
