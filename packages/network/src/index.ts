export { type CallOptions, Cluster, type NodeEndpoint } from './cluster/cluster.js'
export type { CoordinatorType } from './cluster/coordinator-lookup.js'
export type { GroupMetadata } from './cluster/group-metadata.js'
export type { BrokerMetadata, PartitionMetadata, TopicMetadata } from './cluster/metadata.js'
export { MetadataCache, type PartitionLeader } from './cluster/metadata-cache.js'
export type { RefreshTarget } from './cluster/metadata-refresher.js'
export type { RequestInput, RequestOptions, RequestResult } from './cluster/request.js'
export { type ConnectionInfo, diagnostics, type NetworkDiagnostics } from './diagnostics.js'
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
export { nearestName } from './options/nearest-name.js'
export { type Option, option } from './options/option.js'
export type {
  OauthToken,
  PasswordMechanism,
  ResolvedSasl,
  SaslCallbackOptions,
  SaslCredentials,
  SaslOptions,
} from './options/sasl-options.js'
export { show } from './options/show.js'
export type { Clock, Timer } from './platform/clock.js'
export { systemClock } from './platform/clock.js'
export {
  type Crypto,
  type HashName,
  type Pbkdf2Input,
  systemCrypto,
} from './platform/crypto.js'
export { logDiagnostics } from './platform/debug-log.js'
export { type Platform, systemPlatform } from './platform/platform.js'
export { type Random, systemRandom } from './platform/random.js'
export { type Backoff, type BackoffOptions, createBackoff } from './retry/backoff.js'
export { onAbort } from './retry/on-abort.js'
export { type Attempt, type RetryOptions, retry } from './retry/retry.js'
export { sleep, type WaitOptions, waitFor } from './retry/sleep.js'
export type { Call, SessionEffect } from './session/call.js'
export { Session } from './session/session.js'
export type { SessionOptions } from './session/session-options.js'
export type { VersionLimits } from './session/version-table.js'
export { BufferPool } from './transport/buffer-pool.js'
export { tcpNetwork } from './transport/tcp.js'
export type { Pem, TlsOptions, TlsServerOptions } from './transport/tls-options.js'
export type {
  ConnectionHandler,
  ConnectOptions,
  FramedConnection,
  Listener,
  ListenOptions,
  Network,
} from './transport/transport.js'
