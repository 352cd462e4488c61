/** A record to send. */
export interface Outgoing {
  readonly key?: string
  readonly value: string | Buffer
}

/** A record as a handler gets it. */
export interface Incoming {
  readonly partition: number
  readonly offset: number
  readonly value: string
}

/** How to consume; every client gets the same, in its own words. */
export interface ConsumeOptions {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  /** Where to start without a committed offset. */
  readonly from: 'earliest' | 'latest'
  /** Finished records are to be committed by themselves, at this interval. */
  readonly autoCommitMs: number
  readonly sessionTimeoutMs: number
  readonly heartbeatMs: number
  readonly requestTimeoutMs: number
  /** How long a handler may take; undefined where a client knows no such thing. */
  readonly maxPollIntervalMs: number
  readonly handler: (record: Incoming) => Promise<void>
}

/** A consumer that runs. */
export interface Running {
  close(): Promise<void>
}

/** A producer that is ready. */
export interface Sender {
  /** Sends in one call; resolves when all are acknowledged. */
  send(topic: string, records: readonly Outgoing[]): Promise<void>
  /** Sends as many as it is given, in the way the client's documentation shows for a great many. */
  sendMany(topic: string, records: Iterable<Outgoing>): Promise<void>
  close(): Promise<void>
}

/** One of the clients that are compared: each with its defaults, unless the options say otherwise. */
export interface Client {
  readonly name: string
  sender(bootstrapServers: string, options: { readonly requestTimeoutMs: number }): Promise<Sender>
  consume(options: ConsumeOptions): Promise<Running>
}
