/** Who is at the other end, for errors. */
export interface Peer {
  /** Such as `broker 1 (kafka-1:9092)`. */
  readonly name: string
  /** Node id, or `host:port` before it is known. */
  readonly node: number | string
}
