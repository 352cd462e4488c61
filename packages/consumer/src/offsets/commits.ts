import type { Cluster } from '@ottla/network'
import { KafkaError } from '@ottla/protocol'
import type { Assignment } from '../assignment.js'
import { backoffOf } from '../backoff.js'
import type { GroupSession } from '../group/group-session.js'
import type { ResolvedConsumerOptions } from '../options.js'
import { Committer } from './committer.js'
import { GroupOffsets, notAssigned } from './group-offsets.js'

/** What `Commits` works with. */
export interface CommitsSetup {
  readonly cluster: Cluster
  readonly options: ResolvedConsumerOptions
  readonly groupId: string
  readonly assignment: Assignment
  /** In whose name offsets are committed; undefined: in nobody's, because the application chose the partitions by itself. */
  readonly session: () => GroupSession | undefined
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Something failed that is made up for by others. */
  readonly onRetry: (error: KafkaError) => void
  /** A commit in the background was refused for good. */
  readonly onError: (error: KafkaError) => void
}

/** The group's offsets, and what is written to them while the consumer reads. */
export class Commits {
  readonly groupOffsets: GroupOffsets
  readonly committer: Committer
  readonly #setup: CommitsSetup

  constructor(setup: CommitsSetup) {
    this.#setup = setup
    this.groupOffsets = this.#createGroupOffsets()
    this.committer = this.#createCommitter()
  }

  #createGroupOffsets(): GroupOffsets {
    const { cluster, options, groupId, assignment, session } = this.#setup
    const { platform, groupInstanceId = null } = options
    const nobody = { memberId: '', generationId: -1 }
    return new GroupOffsets({
      cluster,
      clock: platform.clock,
      random: platform.random,
      backoff: backoffOf(options),
      groupId,
      groupInstanceId,
      identity: () => session()?.identity ?? nobody,
      isOurs: (partition) => session() !== undefined && assignment.get(partition) !== undefined,
      isJoining: () => session()?.isJoining === true,
      onRefused: (identity, errorCode) => session()?.commitRefused(identity, errorCode),
    })
  }

  #createCommitter(): Committer {
    const { options, assignment, signal } = this.#setup
    const { enableAutoCommit, autoCommitIntervalMs, defaultApiTimeoutMs, platform } = options
    return new Committer({
      groupOffsets: this.groupOffsets,
      clock: platform.clock,
      partitions: () => assignment.all,
      autoCommitIntervalMs: enableAutoCommit ? autoCommitIntervalMs : undefined,
      limits: { timeoutMs: defaultApiTimeoutMs, signal },
      onError: (error) => this.#onFailed(KafkaError.from(error)),
    })
  }

  #onFailed(error: KafkaError): void {
    const { session, onRetry, onError } = this.#setup
    const phase = session()?.phase
    // Refused because the group moves on: the session deals with it, and the records come again.
    const isMoving = phase !== undefined && phase !== 'stable'
    if (error.retriable || isMoving || error.code === notAssigned) onRetry(error)
    else onError(error)
  }
}
