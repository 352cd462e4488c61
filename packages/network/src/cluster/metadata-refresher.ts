import {
  BrokerError,
  ErrorCode,
  Metadata,
  type MetadataRequestInput,
  type MetadataResponse,
} from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { Coalescer } from './coalescer.js'
import type { MetadataCache } from './metadata-cache.js'

/** What to refresh. */
export interface RefreshTarget {
  /** Names, or `all` topics of the cluster. Default: the topics asked for before. Empty: brokers only. */
  readonly topics?: readonly string[] | 'all' | undefined
  /** Lets the broker create topics that do not exist, if its configuration allows. Default false. */
  readonly allowAutoTopicCreation?: boolean | undefined
}

/** Runs one Metadata request, with retries. */
export type FetchMetadata = (
  input: (version: number) => MetadataRequestInput,
  check: (response: MetadataResponse) => void,
) => Promise<MetadataResponse>

/** Stands for all topics among the names of one run; no topic is called so. */
const everything = '*'

/** Keeps a `MetadataCache` fresh: joins concurrent refreshes into one request. */
export class MetadataRefresher {
  readonly #cache: MetadataCache
  readonly #fetch: FetchMetadata
  readonly #monotonic: () => number
  readonly #onUpdate: () => void
  readonly #plain: Coalescer
  /** Apart, because one flag holds for all topics of a request. */
  readonly #creating: Coalescer
  #lastMs = Infinity
  #isInBackground = false

  constructor(
    cache: MetadataCache,
    fetch: FetchMetadata,
    monotonic: () => number,
    onUpdate: () => void,
  ) {
    this.#cache = cache
    this.#fetch = fetch
    this.#monotonic = monotonic
    this.#onUpdate = onUpdate
    this.#plain = new Coalescer((keys) => this.#run(keys, false))
    this.#creating = new Coalescer((keys) => this.#run(keys, true))
  }

  /** Resolves when an answer given after this call is in the cache. */
  refresh({ topics, allowAutoTopicCreation = false }: RefreshTarget = {}): Promise<void> {
    const names = topics === 'all' ? [everything] : (topics ?? this.#cache.topicNames())
    return (allowAutoTopicCreation ? this.#creating : this.#plain).join(names)
  }

  /**
   * Starts a refresh when the last one is older than `maxAgeMs`; nobody waits for it. Topics that nobody looked at since
   * the one before are not asked for any more, but forgotten.
   */
  refreshWhenOld(nowMs: number, maxAgeMs: number): void {
    if (nowMs - this.#lastMs < maxAgeMs || this.#isInBackground) return
    this.#isInBackground = true
    this.#cache.forgetUnused()
    const done = (): void => {
      this.#isInBackground = false
    }
    this.refresh().then(done, done)
  }

  async #run(keys: readonly string[], allowAutoTopicCreation: boolean): Promise<void> {
    const isComplete = keys.includes(everything)
    const names = keys.filter((key) => key !== everything)
    const topics = names.map((name) => ({ name }))
    const response = await this.#fetch((version) => {
      // Version 0 has no null and takes the empty list for all topics.
      const all = version === 0 ? [] : null
      const asked = isComplete ? all : topics
      return version < 4 ? { topics: asked } : { topics: asked, allowAutoTopicCreation }
    }, checkResponse)
    this.#cache.apply(response, isComplete)
    this.#lastMs = this.#monotonic()
    publish('ottla:metadata:update', () => ({
      clusterId: this.#cache.clusterId,
      brokers: response.brokers.length,
      topics: response.topics.length,
    }))
    this.#onUpdate()
  }
}

const checkResponse = (response: MetadataResponse): void => {
  if (response.errorCode !== ErrorCode.NONE) {
    throw new BrokerError(response.errorCode, { api: Metadata.name })
  }
}
