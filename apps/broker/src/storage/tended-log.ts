import type { Log } from '@ottla/log'
import type { Partition } from '../partition/partition.js'

/** A log that is looked after. */
export interface TendedLog {
  readonly partition: Partition
  readonly log: Log
}
