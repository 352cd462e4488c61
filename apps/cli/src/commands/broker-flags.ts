import type { BrokerUser, KafkaRelease } from '@ottla/broker'

/** What `ottla broker` was told. */
export interface BrokerFlags {
  listen?: string[]
  advertise?: string
  tlsKey?: string
  tlsCert?: string
  tlsCa?: string
  user?: BrokerUser[]
  dataDir?: string
  nodeId: number
  release?: KafkaRelease
  config?: Record<string, string>
  verbose?: true
}
