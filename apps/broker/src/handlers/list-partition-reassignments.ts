import {
  ListPartitionReassignments,
  type ListPartitionReassignmentsResponseInput,
} from '@ottla/protocol'
import { noError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Lists reassignments under way (KIP-455): with one broker they are over as soon as they are asked for. */
export const listPartitionReassignmentsHandler = handler(
  ListPartitionReassignments,
  { min: 0, max: 0 },
  (): ListPartitionReassignmentsResponseInput => ({ throttleTimeMs: 0, ...noError, topics: [] }),
)
