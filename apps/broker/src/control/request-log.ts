import type { Clock } from '../platform.js'
import type { ServerRequest } from '../server/request.js'
import type { HeldConnection, Interception, RequestGate } from '../server/request-gate.js'
import type { ApiName, RequestOf } from './api-names.js'
import { ArrivedRequest, type LoggedRequest } from './arrived-request.js'
import type { Faults } from './faults.js'

/** The log keeps this many requests. */
const capacity = 1000

/** Requests of one kind with their bodies, from the moment it was asked for. */
export interface Recording<Name extends ApiName = ApiName> {
  /** In order of arrival; at most 1000, the newest. */
  readonly requests: readonly ArrivedRequest<RequestOf<Name>>[]
  /** Ends it; what was recorded stays. Idempotent. */
  stop(): void
  [Symbol.dispose](): void
}

type Watcher = (request: ArrivedRequest) => void

/** The last 1000 requests that reached a broker, oldest first, without their bodies. */
export class RequestLog implements Iterable<LoggedRequest> {
  /** Slots are written over, so that the log costs a busy broker no garbage. */
  readonly #ring: { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] }[] = []
  #next = 0
  readonly #watchers = new Set<Watcher>()

  /** Those of one API, or all. */
  list(api?: ApiName): LoggedRequest[] {
    const all = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
    const wanted = api === undefined ? all : all.filter((request) => request.api === api)
    return wanted.map((request) => ({ ...request }))
  }

  [Symbol.iterator](): Iterator<LoggedRequest> {
    return this.list()[Symbol.iterator]()
  }

  /** Keeps the requests of an API with their bodies from now on, until it is stopped. */
  record<Name extends ApiName>(api: Name): Recording<Name> {
    const requests: ArrivedRequest<RequestOf<Name>>[] = []
    const stop = this.watch((request) => {
      if (request.api !== api) return
      if (requests.length === capacity) requests.shift()
      requests.push(request as ArrivedRequest<RequestOf<Name>>)
    })
    return { requests, stop, [Symbol.dispose]: stop }
  }

  /** Forgets what was logged. */
  clear(): void {
    this.#ring.length = 0
    this.#next = 0
  }

  /** The last requests as lines of text, for a report. */
  format(count = 50): string {
    return this.list()
      .slice(-count)
      .map(({ atMs, connectionId, clientId, api, apiVersion, correlationId }) => {
        const time = new Date(atMs).toISOString().slice(11, 23)
        return `${time} #${connectionId} ${clientId ?? '-'} ${api} v${apiVersion} (${correlationId})`
      })
      .join('\n')
  }

  /** @internal Calls back for each request from now on. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** @internal */
  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  /** @internal */
  note({ header, served }: ServerRequest, connectionId: number, atMs: number): LoggedRequest {
    const { apiVersion, clientId, correlationId } = header
    const { name: api } = served.api
    const slot = this.#ring.length < capacity ? undefined : this.#ring[this.#next]
    if (slot === undefined) {
      const fresh = { api, apiVersion, clientId, correlationId, connectionId, atMs }
      this.#ring.push(fresh)
      return fresh
    }
    slot.api = api
    slot.apiVersion = apiVersion
    slot.clientId = clientId
    slot.correlationId = correlationId
    slot.connectionId = connectionId
    slot.atMs = atMs
    this.#next = this.#next + 1 === capacity ? 0 : this.#next + 1
    return slot
  }

  /** @internal */
  tell(request: ArrivedRequest): void {
    for (const watcher of this.#watchers) watcher(request)
  }
}

/** Logs every request, and shows it to faults and watchers if there are any. */
export class ControlGate implements RequestGate {
  readonly #log: RequestLog
  readonly #faults: Faults
  readonly #clock: Clock

  constructor(log: RequestLog, faults: Faults, clock: Clock) {
    this.#log = log
    this.#faults = faults
    this.#clock = clock
  }

  get isWatched(): boolean {
    return this.#log.isWatched || this.#faults.size > 0
  }

  admit(
    connection: HeldConnection,
    request: ServerRequest,
    frame: Uint8Array,
  ): Interception | undefined {
    const logged = this.#log.note(request, connection.connection.id, this.#clock.now())
    if (!this.isWatched) return undefined
    // A version that is not served has a body nobody can read.
    if (request.responseVersion !== request.apiVersion) return undefined
    const arrived = new ArrivedRequest(logged, request, frame)
    this.#log.tell(arrived)
    return this.#faults.admit(arrived)
  }
}
