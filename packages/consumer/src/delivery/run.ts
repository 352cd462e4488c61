import { InvalidArgumentError } from '@ottla/protocol'
import type { ConsumerBatch } from '../batch.js'
import type { ConsumerRecord } from '../record.js'
import type { Lease } from './lease.js'
import { LeaseSource, type LoopSource } from './loops.js'

/** What a handler gets besides its record or batch. */
export interface HandlerContext {
  /**
   * Fires when the partition is about to be given up or the consumer closes: finish soon, or throw an `AbortError` (the signal's
   * reason) to leave the record unfinished.
   */
  readonly signal: AbortSignal
}

/** How `run` works. Exactly one of `eachRecord` and `eachBatch`. */
export interface RunOptions {
  /** Called with every record; the record is finished when it returns or what it returns resolves. */
  readonly eachRecord?: (record: ConsumerRecord, context: HandlerContext) => void | Promise<void>
  /** Called with every batch; all its records are finished together. */
  readonly eachBatch?: (batch: ConsumerBatch, context: HandlerContext) => void | Promise<void>
  /** Most partitions worked on at the same time. A partition's records always come in order, one at a time. Default 1. */
  readonly concurrency?: number
  /** Ends the run; handlers at work are waited for. */
  readonly signal?: AbortSignal
}

type Work = (lease: Lease) => Promise<number>

/**
 * Runs handlers until the consumer closes, the signal fires, or a handler throws: then `run` rejects with its error, and the
 * record at hand is not finished.
 *
 * @throws InvalidArgumentError for options that make no sense.
 */
export const runHandlers = async (source: LoopSource, options: RunOptions): Promise<void> => {
  const work = chooseWork(options)
  const { concurrency = 1, signal } = options
  const failed = new AbortController()
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const worker = async (): Promise<void> => {
    const leases = new LeaseSource({ ...source, signal: stop })
    while (!stop.aborted) {
      const lease = leases.tryTake() ?? (await takeUntil(leases, stop))
      if (lease === undefined) return
      await handle(source, lease, work)
    }
  }
  const workers = Array.from({ length: concurrency }, () =>
    worker().catch((error: unknown) => {
      failed.abort()
      throw error
    }),
  )
  const results = await Promise.allSettled(workers)
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
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

const handle = async ({ delivery }: LoopSource, lease: Lease, work: Work): Promise<void> => {
  let finished = 0
  try {
    finished = await work(lease)
  } catch (error) {
    finished = lease.finished
    if (!gaveUp(lease, error)) throw error
  } finally {
    delivery.release(lease, finished)
  }
}

/** Whether a handler ended because its signal told it to: its record is left to whoever reads the partition next. */
const gaveUp = ({ signal }: Lease, error: unknown): boolean =>
  signal.aborted &&
  (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))

const chooseWork = ({ eachRecord, eachBatch, concurrency = 1 }: RunOptions): Work => {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new InvalidArgumentError(
      `run() option concurrency must be an integer of at least 1, not ${concurrency}.`,
    )
  }
  if (eachRecord !== undefined && eachBatch === undefined) {
    return (lease) => workByRecord(lease, eachRecord)
  }
  if (eachBatch !== undefined && eachRecord === undefined) {
    return (lease) => workByBatch(lease, eachBatch)
  }
  throw new InvalidArgumentError('run() takes either eachRecord or eachBatch.')
}

const workByRecord = async (
  lease: Lease,
  eachRecord: NonNullable<RunOptions['eachRecord']>,
): Promise<number> => {
  const { batch } = lease
  for (; lease.index < batch.length && !lease.isStopped; lease.index++) {
    const result = eachRecord(batch[lease.index] as ConsumerRecord, lease)
    // A handler that returns nothing costs no turn of the microtask queue.
    if (result !== undefined) await result
  }
  return lease.finished
}

const workByBatch = async (
  lease: Lease,
  eachBatch: NonNullable<RunOptions['eachBatch']>,
): Promise<number> => {
  lease.isWhole = true
  await eachBatch(lease.batch, lease)
  return lease.batch.length
}
