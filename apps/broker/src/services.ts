import type { BufferPool } from '@ottla/network'
import type { BrokerConfig } from './config/broker-config.js'
import type { Controller } from './controller/controller.js'
import type { EventStream } from './events.js'
import type { SupportedFeature } from './features.js'
import type { GroupService } from './group/group-service.js'
import type { MetadataImage } from './image/image.js'
import type { FetchSessions } from './partition/fetch-sessions.js'
import type { ProducerIds } from './partition/producer-ids.js'
import type { Purgatory } from './partition/purgatory.js'
import type { ReplicaManager } from './partition/replica-manager.js'
import type { Clock, Random } from './platform.js'
import type { ClientThrottle } from './quota/client-throttle.js'
import type { ServedApi } from './server/served-api.js'

/** The parts of a running broker, as handlers see them. */
export interface BrokerServices {
  readonly nodeId: number
  /** Kafka's 22-character form. */
  readonly clusterId: string
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly random: Random
  readonly events: EventStream
  readonly controller: Controller
  /** The newest metadata. */
  readonly image: MetadataImage
  readonly replicas: ReplicaManager
  /** Where fetches and acks=all produces wait. */
  readonly purgatory: Purgatory
  readonly fetchSessions: FetchSessions
  /** Memory that fetches read into. */
  readonly fetchMemory: BufferPool
  readonly groups: GroupService
  /** Holds clients to their quotas. */
  readonly throttle: ClientThrottle
  readonly producerIds: ProducerIds
  /** What this broker, as a broker of its release, can run at. */
  readonly features: readonly SupportedFeature[]
  /** The APIs that are served. */
  readonly served: readonly ServedApi[]
}
