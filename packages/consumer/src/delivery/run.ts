import { onAbort, type Random } from '@ottla/network'
import type { TypedSource } from '../deserialization/deserialized-loops.js'
import { deserializeBatch, deserializeRecord } from '../deserialization/deserialized-work.js'
import type { ConsumerRecord } from '../record.js'
import { ConcurrentRun } from './concurrent-run.js'
import { type DeadLetter, type DeadLetterProducer, openDeadLetter } from './dead-letter.js'
import type { Reader } from './delivery.js'
import { gaveUp, Handling, type RecordWork } from './handler.js'
import { withPlace } from './handler-error.js'
import type { Lease } from './lease.js'
import { LeaseSource } from './lease-source.js'
import {
  type BatchHandler,
  checkRunOptions,
  type RecordHandler,
  type RunOptions,
} from './run-options.js'

/** What `run` needs of its consumer. */
export interface RunSource<Key = Buffer, Value = Buffer> extends TypedSource<Key, Value> {
  readonly random: Random
  /** For runs that name none themselves. */
  readonly deadLetter?: DeadLetter | undefined
  readonly deadLetterProducer?: DeadLetterProducer | undefined
  /** Whether the consumer reads a topic, by name, expression or assignment. */
  readonly reads?: ((topic: string) => boolean) | undefined
}

/** Works through a lease; resolves to how many of its records are finished. */
type Work = (lease: Lease) => Promise<number>

/**
 * Runs handlers until the consumer closes, the signal fires, or a handler throws for good: then `run` rejects with a
 * `HandlerError`, and the record at hand is not finished.
 *
 * @throws InvalidArgumentError for options that make no sense.
 */
export const runHandlers = async <Key, Value>(
  source: RunSource<Key, Value>,
  options: RunOptions<Key, Value>,
): Promise<void> => {
  checkRunOptions(options)
  const reader: Reader = { what: 'run()' }
  const { signal, retry, ordering = 'partition', concurrency = 1 } = options
  const { clock, random, delivery } = source
  const failed = new AbortController()
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const deadLetter = openDeadLetter(
    options.deadLetter ?? source.deadLetter,
    source.deadLetterProducer,
    source.reads,
  )
  const handling = new Handling({ clock, random, retry, deadLetter, stop })
  const leases = (): LeaseSource => new LeaseSource({ ...source, signal: stop }, reader)
  const { eachRecord, work } = openHandlers(options, source, handling)
  delivery.enter(reader)
  // The records at hand are handled to their end; those fetched with them are left to who comes next.
  const ignoreStop = onAbort(stop, () => {
    for (const lease of delivery.leases) lease.stop(false)
  })
  try {
    if (eachRecord !== undefined && ordering !== 'partition') {
      const { maxPollRecords } = source
      const how = { eachRecord, concurrency, ordering, maxPollRecords }
      await new ConcurrentRun({ ...how, clock, handling, failed, leases: leases() }).run(stop)
      return
    }
    const workers = Array.from({ length: concurrency }, () =>
      runWorker(leases(), work, stop).catch((error: unknown) => {
        failed.abort()
        throw error
      }),
    )
    const results = await Promise.allSettled(workers)
    const failure = results.find((result) => result.status === 'rejected')
    if (failure !== undefined) throw failure.reason
  } finally {
    ignoreStop()
    delivery.exit(reader)
  }
}

/** What is done with fetched records: the handlers as they are, or behind deserializers. */
const openHandlers = <Key, Value>(
  { eachRecord, eachBatch }: RunOptions<Key, Value>,
  { deserializer }: RunSource<Key, Value>,
  handling: Handling,
): { readonly eachRecord: RecordWork | undefined; readonly work: Work } => {
  if (eachRecord !== undefined) {
    const work =
      deserializer === undefined
        ? (eachRecord as RecordHandler)
        : deserializeRecord(eachRecord, deserializer)
    return { eachRecord: work, work: byRecord(work, handling) }
  }
  const handler = eachBatch as BatchHandler<Key, Value>
  const work =
    deserializer === undefined
      ? byBatch(handler as BatchHandler, handling)
      : deserializeBatch(handler, handling, deserializer)
  return { eachRecord: undefined, work }
}

/** One of the workers that take partitions in turn. */
const runWorker = async (leases: LeaseSource, work: Work, stop: AbortSignal): Promise<void> => {
  while (!stop.aborted) {
    const lease = leases.tryTake() ?? (await takeUntil(leases, stop))
    if (lease === undefined) return
    let finished = 0
    try {
      finished = await work(lease)
    } catch (error) {
      finished = lease.finished
      if (!gaveUp(lease, error)) throw withPlace(error, lease.batch[lease.index])
    } finally {
      leases.delivery.release(lease, finished)
    }
  }
}

/** A lease, or undefined when there will be none because the run or the consumer ends. */
const takeUntil = async (leases: LeaseSource, stop: AbortSignal): Promise<Lease | undefined> => {
  try {
    return await leases.take()
  } catch (error) {
    if (stop.aborted) return undefined
    throw error
  }
}

const byRecord =
  (eachRecord: RecordWork, handling: Handling): Work =>
  async (lease) => {
    const { batch } = lease
    for (; lease.index < batch.length && !lease.isStopped; lease.index++) {
      const record = batch[lease.index] as ConsumerRecord
      const result = handling.isPlain
        ? eachRecord(record, lease)
        : handling.call(() => eachRecord(record, lease), lease, [record])
      // A handler that returns nothing costs no turn of the microtask queue.
      if (result !== undefined) await result
    }
    return lease.finished
  }

const byBatch =
  (eachBatch: BatchHandler, handling: Handling): Work =>
  async (lease) => {
    const { batch } = lease
    lease.atHand = batch.length
    await handling.call(() => eachBatch(batch, lease), lease, batch)
    return batch.length
  }
