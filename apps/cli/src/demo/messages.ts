/** What the processes of the demo tell each other over their IPC channels. */

/** To the producer's process. */
export interface ProduceOrder {
  kind: 'produce'
  bootstrapServers: string
  topic: string
  /** Rows of the data set to send, from the first. */
  rows: number
  /** Records per second; null = as fast as they are taken. */
  rate: number | null
}

/** To a member's process. */
export type MemberOrder =
  | { kind: 'join'; bootstrapServers: string; topic: string; groupId: string; name: string }
  /** Finish what is in hand, commit, leave the group, exit. */
  | { kind: 'leave' }

/** From the producer's process, a few times a second and at the end. */
export interface ProducedReport {
  kind: 'produced'
  /** Records acknowledged so far, by all in-sync replicas. */
  records: number
  bytes: number
  done: boolean
}

/** The records of one partition that a member has finished, column by column. */
export interface FinishedBatch {
  partition: number
  bytes: number
  /** Row number of each record, from its header. */
  rows: Uint32Array
  offsets: Float64Array
  origins: string[]
  delays: Int32Array
  distances: Int32Array
}

/** From a member's process. */
export type MemberReport =
  /** `generation` counts the group's rebalances. */
  | { kind: 'assigned'; partitions: number[]; generation: number }
  | { kind: 'revoked'; partitions: number[] }
  | ({ kind: 'finished' } & FinishedBatch)
  | { kind: 'left' }

/** From any of them, before it exits with status 1. */
export interface FailureReport {
  kind: 'failed'
  message: string
}
