import type { KafkaError } from '@ottla/protocol'
import type { RecordMetadata } from './record.js'

/**
 * Told what became of a record given to `enqueue`: `(null, metadata)` when it was delivered, `(error)` when it was not.
 * Called once a record, in the order of a partition's records; an exception it throws goes uncaught, as from any callback.
 */
export type DeliveryCallback = (error: KafkaError | null, metadata?: RecordMetadata) => void

/** The other form of being told: what `send` hangs on its records, one for all of a call; `place` tells which. */
export interface Delivery {
  delivered(metadata: RecordMetadata, place: number): void
  failed(error: KafkaError, place: number): void
}

/** Who is told of a record, if anybody. */
export type Waiting = Delivery | DeliveryCallback | undefined

/** Who is told of one record, and at which place of theirs it is. */
export interface Recipient {
  readonly waiting: Waiting
  readonly place: number
}

/** Of a record that nobody waits for. */
export const nobody: Recipient = { waiting: undefined, place: 0 }

/** Tells about one record. */
export const tellDelivered = (
  waiting: Delivery | DeliveryCallback,
  metadata: RecordMetadata,
  place: number,
): void => {
  if (typeof waiting !== 'function') waiting.delivered(metadata, place)
  else callBack(waiting, null, metadata)
}

/** Tells about one record that was not delivered. */
export const tellFailed = (
  waiting: Delivery | DeliveryCallback,
  error: KafkaError,
  place: number,
): void => {
  if (typeof waiting !== 'function') waiting.failed(error, place)
  else callBack(waiting, error)
}

/** Calls the application. What it throws must not keep others from being told, nor be swallowed. */
export const tell = (call: () => void): void => {
  try {
    call()
  } catch (thrown) {
    throwLater(thrown)
  }
}

const callBack = (
  callback: DeliveryCallback,
  error: KafkaError | null,
  metadata?: RecordMetadata,
): void => {
  try {
    callback(error, metadata)
  } catch (thrown) {
    throwLater(thrown)
  }
}

const throwLater = (thrown: unknown): void =>
  queueMicrotask(() => {
    throw thrown
  })
