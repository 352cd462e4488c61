export { type Address, formatAddress, parseAddress, readAddresses } from './options/addresses.js'
export {
  type ClientOptions,
  clientOptions,
  type ResolvedClientOptions,
} from './options/client-options.js'
export {
  defineOptions,
  type OptionsDefinition,
  type OptionsInput,
  type OptionTable,
  type ResolvedOptions,
} from './options/define-options.js'
export { type Option, option } from './options/option.js'
export type { Clock, Timer } from './platform/clock.js'
export { systemClock } from './platform/clock.js'
export { type Platform, systemPlatform } from './platform/platform.js'
export { type Random, systemRandom } from './platform/random.js'
export { tcpNetwork } from './transport/tcp.js'
export type {
  ConnectionHandler,
  ConnectOptions,
  FramedConnection,
  Listener,
  ListenOptions,
  Network,
} from './transport/transport.js'
