import { decodeRequestBody } from '@ottla/protocol'
import type { FetchTarget } from '../partition/fetch-sessions.js'
import type { ServerRequest } from '../server/request.js'
import type { TopicNames } from './message-walk.js'
import { partsOf, type TopicPartition } from './request-parts.js'

/** A request that reached the broker, as the log keeps it. */
export interface LoggedRequest {
  /** Kafka's name of the API, such as `Produce`. */
  readonly api: string
  readonly apiVersion: number
  readonly clientId: string | null
  readonly correlationId: number
  /** As in the `connection` event. */
  readonly connectionId: number
  /** By the broker's clock, milliseconds since the epoch. */
  readonly atMs: number
}

/** A request that is just arriving, with its body; decoded when it is first looked at. */
export class ArrivedRequest<Body = unknown> implements LoggedRequest {
  readonly api: string
  readonly apiVersion: number
  readonly clientId: string | null
  readonly correlationId: number
  readonly connectionId: number
  readonly atMs: number
  readonly #request: ServerRequest
  readonly #frame: Uint8Array
  #body: Body | undefined

  constructor(logged: LoggedRequest, request: ServerRequest, frame: Uint8Array) {
    this.api = logged.api
    this.apiVersion = logged.apiVersion
    this.clientId = logged.clientId
    this.correlationId = logged.correlationId
    this.connectionId = logged.connectionId
    this.atMs = logged.atMs
    this.#request = request
    this.#frame = frame
  }

  /** The decoded body. Records are bytes; `decodeRecords` of @ottla/protocol reads them. */
  get body(): Body {
    const { served, header } = this.#request
    this.#body ??= decodeRequestBody(
      served.api,
      header.apiVersion,
      this.#frame,
      header.bodyOffset,
    ) as Body
    return this.#body
  }

  /** Names of topics by their ids. */
  get topicNames(): TopicNames {
    const { broker } = this.#request
    return (topicId) => broker.image.topicsById.get(topicId)?.name
  }

  /** What a Fetch is about: its own partitions, and those its session remembers. */
  get fetchTargets(): readonly Pick<FetchTarget, 'topic' | 'topicId' | 'partition'>[] {
    const { sessionId, topics } = this.body as { sessionId: number; topics: FetchTopic[] }
    const own = topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map(({ partition }) => ({ topic, topicId, partition })),
    )
    const known = new Set(
      own.map(({ topic, topicId, partition }) => `${topic}${topicId}${partition}`),
    )
    const remembered = this.#request.broker.fetchSessions
      .targetsOf(sessionId)
      .filter(({ topic, topicId, partition }) => !known.has(`${topic}${topicId}${partition}`))
    return [...own, ...remembered]
  }

  /** Every topic and partition that the request is about. */
  get parts(): readonly TopicPartition[] {
    if (this.api !== 'Fetch') return partsOf(this.body, this.topicNames)
    return this.fetchTargets.map(({ topic, topicId, partition }) => ({
      topic: topic || (this.topicNames(topicId) ?? ''),
      partition,
    }))
  }
}

interface FetchTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly { readonly partition: number }[]
}
