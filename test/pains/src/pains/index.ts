import type { Pain } from '../pain.js'
import { readsNothing, staysAwayFromPartition } from './1-reads-nothing.js'
import { commitsUnfinished, startsElsewhere } from './2-skips-records.js'
import { expelledForSlowness, heldByStuckHandler } from './3-slow-and-stuck.js'
import { twoHandlers } from './4-two-handlers.js'
import { consumerMemory, producerMemory } from './5-memory.js'
import { keysMove } from './6-keys.js'
import { storms } from './7-storms.js'
import { neverCloses, opaqueErrors } from './10-close-and-errors.js'

/** Every pain that a client can be put through while it runs, in the order of the table. */
export const pains: readonly Pain[] = [
  readsNothing,
  staysAwayFromPartition,
  commitsUnfinished,
  startsElsewhere,
  expelledForSlowness,
  heldByStuckHandler,
  twoHandlers,
  producerMemory,
  consumerMemory,
  keysMove,
  storms,
  neverCloses,
  opaqueErrors,
]
