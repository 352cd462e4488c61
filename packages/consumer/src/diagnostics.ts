import { type Channel, channel } from 'node:diagnostics_channel'
import type { KafkaError } from '@ottla/protocol'
import type { DeserializationError } from './deserialization/deserialization-error.js'
import type { TopicPartition } from './topic-partition.js'

interface OfGroup {
  readonly clientId: string
  /** Undefined without a group. */
  readonly groupId: string | undefined
}

/** What a consumer tells whoever listens on `node:diagnostics_channel`: channel name to message. */
export interface ConsumerChannels {
  /** Partitions came. */
  'ottla:consumer:assigned': OfGroup & { readonly partitions: readonly TopicPartition[] }
  /** Partitions went; `lost` when they could not be given up in order. */
  'ottla:consumer:revoked': OfGroup & {
    readonly partitions: readonly TopicPartition[]
    readonly lost: boolean
    readonly reason: string
  }
  /**
   * Topics that are subscribed to by name do not exist. The consumer waits for them and reads the others; told once, and again
   * when other ones are missing.
   */
  'ottla:consumer:missing': OfGroup & { readonly topics: readonly string[] }
  /** The application did not come back for records in time; its partitions go to others. */
  'ottla:consumer:stuck': OfGroup & { readonly idleMs: number }
  /** No broker has answered for a partition that should be read (`stallTimeoutMs`); connections and metadata are renewed. */
  'ottla:consumer:stalled': OfGroup & {
    readonly topic: string
    readonly partition: number
    readonly idleMs: number
    /** Why the last attempt failed, if it did. */
    readonly error: KafkaError | undefined
  }
  /** A new leader lacks records that were read: reading goes back to `offset`, where its log goes on differently. */
  'ottla:consumer:truncated': OfGroup & {
    readonly topic: string
    readonly partition: number
    readonly offset: bigint
  }
  /** A record that cannot be deserialized was passed over (`onDeserializationError: 'skip'`). */
  'ottla:consumer:skipped': OfGroup & {
    readonly topic: string
    readonly partition: number
    readonly offset: bigint
    readonly error: DeserializationError
    /** How many this consumer has skipped so far, this one included. */
    readonly count: number
  }
  /** Something failed and is tried again, or could not be done before the consumer closed. */
  'ottla:consumer:retry': OfGroup & { readonly error: KafkaError }
}

type Channels = { readonly [Name in keyof ConsumerChannels]: Channel }

/** The channels of `ConsumerChannels`. */
export const diagnostics: Channels = {
  'ottla:consumer:assigned': channel('ottla:consumer:assigned'),
  'ottla:consumer:revoked': channel('ottla:consumer:revoked'),
  'ottla:consumer:missing': channel('ottla:consumer:missing'),
  'ottla:consumer:stuck': channel('ottla:consumer:stuck'),
  'ottla:consumer:stalled': channel('ottla:consumer:stalled'),
  'ottla:consumer:truncated': channel('ottla:consumer:truncated'),
  'ottla:consumer:skipped': channel('ottla:consumer:skipped'),
  'ottla:consumer:retry': channel('ottla:consumer:retry'),
}

/** Whose events they are. */
export const whose = ({ clientId, groupId }: OfGroup): OfGroup => ({ clientId, groupId })

/** Publishes if someone listens; `message` is made only then. */
export const publish = <Name extends keyof ConsumerChannels>(
  name: Name,
  message: () => ConsumerChannels[Name],
): void => {
  const target = diagnostics[name]
  if (target.hasSubscribers) target.publish(message())
}
