import type { KafkaError } from '@ottla/protocol'
import type { RecordMetadata } from './record.js'

/**
 * Told what became of a record given to `enqueue`: `(null, metadata)` when it was delivered, `(error)` when it was not.
 * Called once a record, in the order of a partition's records; an exception it throws goes uncaught, as from any callback.
 */
export type DeliveryCallback = (error: KafkaError | null, metadata?: RecordMetadata) => void

/** The other form of being told: what `send` hangs on its records. */
export interface Delivery {
  delivered(metadata: RecordMetadata): void
  failed(error: KafkaError): void
}

/** Tells about one record. */
export const tellDelivered = (
  delivery: Delivery | DeliveryCallback,
  metadata: RecordMetadata,
): void => {
  if (typeof delivery !== 'function') delivery.delivered(metadata)
  else callBack(delivery, null, metadata)
}

/** Tells about one record that was not delivered. */
export const tellFailed = (delivery: Delivery | DeliveryCallback, error: KafkaError): void => {
  if (typeof delivery !== 'function') delivery.failed(error)
  else callBack(delivery, error)
}

/** A callback that throws must not keep the others from being told, nor be swallowed. */
const callBack = (
  callback: DeliveryCallback,
  error: KafkaError | null,
  metadata?: RecordMetadata,
): void => {
  try {
    callback(error, metadata)
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}
