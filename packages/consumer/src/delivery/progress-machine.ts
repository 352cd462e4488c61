/** What is known of one partition when the watch looks. */
export interface ProgressFact<Key> {
  readonly key: Key
  /** It should be fetched at the moment: assigned, not paused, room for more, nothing the application has to do first. */
  readonly isWanted: boolean
  /** When a broker last answered for it; -Infinity for never. */
  readonly answeredAtMs: number
  /** The cause is known and lies outside: no broker can be reached, or the partition has no leader. Waiting is right then. */
  readonly isExcused: boolean
}

/** What is to be done about a partition without progress. */
export type ProgressAction<Key> =
  /** Tell whoever watches, and begin anew: connections, sessions, metadata, look-ups. */
  | { readonly type: 'heal'; readonly key: Key; readonly idleMs: number }
  /** That has not helped: the application has to know. */
  | { readonly type: 'fail'; readonly key: Key; readonly idleMs: number }

interface Watched {
  readonly sinceMs: number
  /** Times it was healed since the last sign of progress, or failure. */
  readonly heals: number
}

/** What the machine remembers from look to look. */
export interface ProgressMachine<Key> {
  readonly lookedAtMs: number
  readonly watched: ReadonlyMap<Key, Watched>
}

/** How patient the machine is. */
export interface ProgressConfig {
  readonly stallTimeoutMs: number
  /** It is stepped this often. */
  readonly intervalMs: number
}

/** So often a partition is healed before the application is told. */
const healsBeforeFailure = 2

/** A machine that has seen nothing yet. */
export const createProgressMachine = <Key>(nowMs: number): ProgressMachine<Key> => ({
  lookedAtMs: nowMs,
  watched: new Map(),
})

/**
 * Looks at all partitions. One that is wanted and gets no answer for `stallTimeoutMs` is healed, after as long again once more, and
 * then reported as failed, unless there is an excuse: then it is healed again and again, because brokers that are away for an
 * hour must be found when they are back. Independent of heartbeats: a member of good standing that reads nothing is what it is
 * made to find.
 *
 * A process that was suspended finds that much time has passed without anyone having had the chance to answer; so time between
 * two looks counts for twice the interval at most.
 */
export const stepProgress = <Key>(
  machine: ProgressMachine<Key>,
  facts: Iterable<ProgressFact<Key>>,
  nowMs: number,
  { stallTimeoutMs, intervalMs }: ProgressConfig,
): { machine: ProgressMachine<Key>; actions: ProgressAction<Key>[] } => {
  const missedMs = Math.max(0, nowMs - machine.lookedAtMs - 2 * intervalMs)
  const watched = new Map<Key, Watched>()
  const actions: ProgressAction<Key>[] = []
  for (const { key, isWanted, answeredAtMs, isExcused } of facts) {
    if (!isWanted) continue
    const before = machine.watched.get(key)
    if (before === undefined || answeredAtMs > before.sinceMs + missedMs) {
      watched.set(key, { sinceMs: nowMs, heals: 0 })
      continue
    }
    const sinceMs = before.sinceMs + missedMs
    const idleMs = nowMs - sinceMs
    if (idleMs < stallTimeoutMs * (before.heals + 1)) {
      watched.set(key, { sinceMs, heals: before.heals })
    } else if (before.heals < healsBeforeFailure) {
      actions.push({ type: 'heal', key, idleMs })
      watched.set(key, { sinceMs, heals: before.heals + 1 })
    } else {
      actions.push({ type: isExcused ? 'heal' : 'fail', key, idleMs })
      watched.set(key, { sinceMs: nowMs, heals: 0 })
    }
  }
  return { machine: { lookedAtMs: nowMs, watched }, actions }
}
