import { ErrorCode, type FetchRequest, ZERO_UUID } from '@ottla/protocol'
import type { Clock, Random } from '../platform.js'

/** What a client wants from one partition. */
export interface FetchTarget {
  /** '' in versions that name topics by id. */
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly maxBytes: number
  /** -1 if the client does not know. */
  readonly currentLeaderEpoch: number
  /** Epoch of the last record the client has, to find diverged logs; -1 if it does not say. */
  readonly lastFetchedEpoch: number
}

/** What a client was told of a partition last; a partition that has not changed since is left out of the answer. */
interface CachedTarget {
  target: FetchTarget
  highWatermark: bigint
  logStartOffset: bigint
}

/** The part of an answer that decides whether it has news. */
export interface FetchNews {
  readonly errorCode: number
  readonly highWatermark: bigint
  readonly logStartOffset?: bigint
  readonly records: Uint8Array | null
  readonly divergingEpoch?: object
}

/** How one fetch is to be answered. */
export interface FetchScope {
  readonly targets: readonly FetchTarget[]
  /** 0: no session. */
  readonly sessionId: number
  /** Whether the session begins with this fetch. */
  readonly isFresh: boolean
  /** Whether this partition's answer is to be sent; notes it as told. */
  hasNews(target: FetchTarget, answer: FetchNews): boolean
}

/** Epochs of a request: open a session, close it or have none; anything else continues one. */
const initialEpoch = 0
const finalEpoch = -1

/** A session that was not used for this long may be given up for a new one. */
const evictionMs = 120_000

const keyOf = ({
  topic,
  topicId,
  partition,
}: {
  topic: string
  topicId: string
  partition: number
}): string => `${topicId === ZERO_UUID ? topic : topicId}:${partition}`

class FetchSession {
  readonly id: number
  /** Whether topics are named by id (version 13 and later). */
  readonly usesTopicIds: boolean
  readonly targets = new Map<string, CachedTarget>()
  /** What the next request must carry. */
  epoch = 1
  lastUsedMs: number

  constructor(id: number, usesTopicIds: boolean, nowMs: number) {
    this.id = id
    this.usesTopicIds = usesTopicIds
    this.lastUsedMs = nowMs
  }

  put(target: FetchTarget): void {
    const key = keyOf(target)
    const cached = this.targets.get(key)
    if (cached === undefined)
      this.targets.set(key, { target, highWatermark: -1n, logStartOffset: -1n })
    else cached.target = target
  }
}

/**
 * Incremental fetch sessions (KIP-227): a consumer of many partitions names them once and then only what changes; the
 * broker answers only for partitions that have something to say. The number of sessions is bounded; who gets none is told
 * so by session id 0 and goes on with full requests.
 */
export class FetchSessions {
  readonly #clock: Clock
  readonly #random: Random
  readonly #maxSessions: number
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>()

  constructor(clock: Clock, random: Random, maxSessions: number) {
    this.#clock = clock
    this.#random = random
    this.#maxSessions = maxSessions
  }

  get size(): number {
    return this.#sessions.size
  }

  /** What a session wants, without using it; nothing for a session that is not there. */
  targetsOf(sessionId: number): readonly FetchTarget[] {
    const session = this.#sessions.get(sessionId)
    return session === undefined ? [] : targetsIn(session)
  }

  /** Finds or opens the session of a request. @returns the scope of the answer, or a top-level error code. */
  begin(request: FetchRequest, apiVersion: number): FetchScope | number {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === initialEpoch || sessionEpoch === finalEpoch) {
      this.#sessions.delete(sessionId)
      const targets = targetsOf(request)
      const isWanted = sessionEpoch === initialEpoch && targets.length > 0
      const session = isWanted ? this.#open(targets, apiVersion) : undefined
      return session === undefined ? sessionless(targets) : fullAnswer(session)
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if (session.epoch !== sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    if (session.usesTopicIds !== apiVersion >= 13) return ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    return this.#continue(session, request)
  }

  /** Gives up a session that its client never gets to know of. */
  end(sessionId: number): void {
    this.#sessions.delete(sessionId)
  }

  #open(targets: readonly FetchTarget[], apiVersion: number): FetchSession | undefined {
    const nowMs = this.#clock.monotonic()
    if (this.#sessions.size >= this.#maxSessions) {
      const [oldest] = this.#sessions.values()
      if (oldest === undefined || nowMs - oldest.lastUsedMs < evictionMs) return undefined
      this.#sessions.delete(oldest.id)
    }
    const session = new FetchSession(this.#newId(), apiVersion >= 13, nowMs)
    for (const target of targets) session.put(target)
    this.#sessions.set(session.id, session)
    return session
  }

  #newId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.#random.next() * 0x7ffffffe)
      if (!this.#sessions.has(id)) return id
    }
  }

  #continue(session: FetchSession, request: FetchRequest): FetchScope {
    for (const target of targetsOf(request)) session.put(target)
    for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
      for (const partition of partitions)
        session.targets.delete(keyOf({ topic, topicId, partition }))
    }
    this.#sessions.delete(session.id)
    if (session.targets.size === 0) return sessionless([])
    session.lastUsedMs = this.#clock.monotonic()
    session.epoch = session.epoch === 0x7fffffff ? 1 : session.epoch + 1
    this.#sessions.set(session.id, session)
    return incrementalAnswer(session)
  }
}

const sessionless = (targets: readonly FetchTarget[]): FetchScope => ({
  targets,
  sessionId: 0,
  isFresh: false,
  hasNews: () => true,
})

const targetsIn = (session: FetchSession): FetchTarget[] =>
  [...session.targets.values()].map(({ target }) => target)

/** Notes what a partition's answer says. @returns whether that is more than the client knew. */
const tell = (session: FetchSession, target: FetchTarget, answer: FetchNews): boolean => {
  const key = keyOf(target)
  const cached = session.targets.get(key)
  if (cached === undefined) return true
  const { highWatermark, logStartOffset = -1n } = answer
  const isNew =
    answer.errorCode !== ErrorCode.NONE ||
    (answer.records?.length ?? 0) > 0 ||
    answer.divergingEpoch !== undefined ||
    cached.highWatermark !== highWatermark ||
    cached.logStartOffset !== logStartOffset
  // An error is told again and again until it is over, and what comes after it is news.
  cached.highWatermark = answer.errorCode === ErrorCode.NONE ? highWatermark : -1n
  cached.logStartOffset = logStartOffset
  if ((answer.records?.length ?? 0) > 0) {
    // Whoever was served goes to the end, so that a size limit starves nobody.
    session.targets.delete(key)
    session.targets.set(key, cached)
  }
  return isNew
}

const fullAnswer = (session: FetchSession): FetchScope => ({
  targets: targetsIn(session),
  sessionId: session.id,
  isFresh: true,
  hasNews: (target, answer) => {
    tell(session, target, answer)
    return true
  },
})

const incrementalAnswer = (session: FetchSession): FetchScope => ({
  targets: targetsIn(session),
  sessionId: session.id,
  isFresh: false,
  hasNews: (target, answer) => tell(session, target, answer),
})

const targetsOf = ({ topics }: FetchRequest): FetchTarget[] => {
  const targets: FetchTarget[] = []
  for (const { topic, topicId, partitions } of topics) {
    for (const asked of partitions) {
      targets.push({
        topic,
        topicId,
        partition: asked.partition,
        fetchOffset: Number(asked.fetchOffset),
        maxBytes: asked.partitionMaxBytes,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        lastFetchedEpoch: asked.lastFetchedEpoch,
      })
    }
  }
  return targets
}
