import type { Need } from './rules/need.js'

/** Name and password of one user. */
export interface Credentials {
  readonly username: string
  readonly password: string
  /** Default `PLAIN`. */
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  /** The name is the id of a delegation token, the password its secret in base64; only with SCRAM. */
  readonly isToken?: boolean
}

/** TLS of a listener. */
export interface TlsSettings {
  /** PEM of the authority to trust; default: those of Node. */
  readonly ca?: string
  /** Default true. */
  readonly rejectUnauthorized?: boolean
}

/** How to get in: over TLS or not, as somebody or not. */
export interface Security {
  readonly tls?: TlsSettings | undefined
  readonly credentials?: Credentials | undefined
}

/** A listener with SASL, and the users it knows by their role in the rules: `admin` and `alice`. */
export interface SaslListener {
  readonly address: string
  readonly tls?: TlsSettings | undefined
  readonly users: Readonly<Record<string, Credentials>>
}

/** Listeners beside the one of the address. */
export interface TargetListeners {
  /** For rules about SASL and ACLs. */
  readonly sasl?: SaslListener | undefined
  /** One whose sessions end, for rules about re-authentication. Default: `sasl`. */
  readonly renewal?: SaslListener | undefined
}

/** What the run may do to one node of a target. */
export interface NodeControls {
  /** Ends it at once, as a lost machine does; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same address and data; resolves when it serves. */
  start(): Promise<void>
  /** Holds it up: its connections stay, and nothing comes of them. */
  pause(): void
  /** Lets it go on. */
  resume(): void
}

/** What the run may do to a target from outside. */
export interface TargetControls {
  /** By the id of the node. */
  readonly nodes?: ReadonlyMap<number, NodeControls> | undefined
  readonly restart?: (() => Promise<void>) | undefined
  /** Starts it again if it has ended by itself; whether it had. */
  readonly revive?: (() => Promise<boolean>) | undefined
}

/** A broker, or the first of several, to be judged. */
export interface Target {
  /** Names the target in reports, and its file of known deviations: `apache-kafka`, `ottla`, `kfake`. */
  readonly name: string
  /** `HOST:PORT`. */
  readonly address: string
  readonly security?: Security | undefined
  /** Release of Apache Kafka to hold it to, such as `4.4`. Default: the one whose API versions fit best. */
  readonly release?: string | undefined
  /** What it has of what rules may need. */
  readonly provides?: readonly Need[] | undefined
  readonly listeners?: TargetListeners | undefined
  /** What the run may do to it from outside. */
  readonly controls?: TargetControls | undefined
}
