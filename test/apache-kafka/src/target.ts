/** A running cluster. The same interface fits every broker that a suite may be pointed at. */
export interface KafkaTarget {
  /** Addresses of all nodes, as clients take them. */
  readonly bootstrapServers: string
  /** Where each node keeps its data; log segments are in folders `TOPIC-PARTITION` below. */
  readonly dataDirs: readonly string[]
  /** The processes that run now. */
  readonly pids: readonly number[]
  /** Stops all nodes; their data stays, so that files can be looked at or the cluster restarted. */
  stop(): Promise<void>
  /** Kills all nodes at once. */
  kill(): Promise<void>
  /** Stops all nodes, unless they are down already, and starts them on the same ports and data. */
  restart(): Promise<void>
  /** Ends all nodes, not gently, and removes their data. */
  remove(): Promise<void>
}
