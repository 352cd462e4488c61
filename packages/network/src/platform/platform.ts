import { tcpNetwork } from '../transport/tcp.js'
import type { Network } from '../transport/transport.js'
import { type Clock, systemClock } from './clock.js'
import { type Crypto, systemCrypto } from './crypto.js'
import { type Random, systemRandom } from './random.js'

/**
 * Everything of the outside world that clients and broker touch: time, randomness, sockets, cryptography. Hand over another one
 * (`createSimulatedPlatform` of `@ottla/network/simulation`) and a whole cluster runs under a virtual clock.
 */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly network: Network
  readonly crypto: Crypto
}

/** The real platform: this process's clock, the operating system's randomness, TCP. */
export const systemPlatform: Platform = {
  clock: systemClock,
  random: systemRandom,
  network: tcpNetwork,
  crypto: systemCrypto,
}
