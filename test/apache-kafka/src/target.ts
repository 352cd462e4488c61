import type { TargetAbility } from './profiles.js'
import type { ListenerKind, TargetCertificates, TargetUser } from './security.js'

/** A listener of a cluster. */
export interface TargetListener extends ListenerKind {
  /** Addresses of all nodes, as clients take them. */
  readonly bootstrapServers: string
}

/** One node of a cluster that can lose some. */
export interface TargetNode {
  readonly id: number
  /** Starts it again after `stop` or `kill`, and waits until it knows as many brokers as run. */
  start(): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: its connections stay and nothing comes of them. */
  pause(): void
  /** SIGCONT: goes on after `pause`. */
  resume(): void
}

/** A running cluster. The same interface fits every broker that a suite may be pointed at. */
export interface KafkaTarget {
  /** `ottla`, `kfake` or `apache-kafka-RELEASE`. */
  readonly name: string
  /** The release of Kafka whose APIs it shows, such as `4.4`; undefined where it shows some of several. */
  readonly release: string | undefined
  /** What tests may ask of it. */
  readonly provides: readonly TargetAbility[]
  /** Addresses of all nodes, as clients take them; the listener is `PLAINTEXT`. */
  readonly bootstrapServers: string
  /** Every listener by its name; see `SECURITY_LISTENERS` for what the profile `security` adds. */
  readonly listeners: Readonly<Record<string, TargetListener>>
  /** Who may log in; nobody without the profile `security`. */
  readonly users: readonly TargetUser[]
  /** For the listeners with TLS; only with the profile `security`. */
  readonly certificates: TargetCertificates | undefined
  /** Where each node keeps its data; log segments are in folders `TOPIC-PARTITION` below. */
  readonly dataDirs: readonly string[]
  /** Its nodes one by one, where they can be stopped apart. */
  readonly nodes?: readonly TargetNode[]
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

/** The listener of a target, by name. @throws Error that names those it has */
export function listenerOf(target: KafkaTarget, name: string): TargetListener {
  const found = target.listeners[name]
  if (found !== undefined) return found
  const known = Object.keys(target.listeners).join(', ')
  throw new Error(`${target.name} has no listener ${name}; it has ${known}.`)
}

/** The user of a target, by name. @throws Error that names those it has */
export function userOf(target: KafkaTarget, username: string): TargetUser {
  const found = target.users.find((user) => user.username === username)
  if (found !== undefined) return found
  const known = target.users.map((user) => user.username).join(', ')
  throw new Error(`${target.name} has no user ${username}; it has ${known || 'none'}.`)
}
