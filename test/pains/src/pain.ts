import type { Broker } from '@ottla/broker'
import type { Client } from './client.js'

/** What a pain is put to the test with. */
export interface Trial {
  readonly client: Client
  /** A broker of our own, in this process. */
  readonly broker: Broker
  /** @throws Error saying what was not so, after the time. */
  until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void>
}

/** Something that users of Kafka clients suffer from. */
export interface Pain {
  /** The number under which it is listed in the table, with a letter where a number has several. */
  readonly id: string
  /** What the user sees, in one line. */
  readonly title: string
  /** What a client has to do to pass, in one line. */
  readonly rule: string
  /** The topic it is about, made beforehand. */
  readonly topic: { readonly name: string; readonly partitions: number }
  /** Configs of the broker. */
  readonly configs?: Readonly<Record<string, string>>
  /** @throws Error when the client has the pain; its message says what was seen. */
  test(trial: Trial): Promise<void>
}
