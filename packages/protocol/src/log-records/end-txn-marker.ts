import { field, type Infer, type InferInput, int32, message } from '../schema/index.js'

/** The value of a commit or abort marker: the epoch of the coordinator that wrote it. */
export const EndTxnMarker = message({
  name: 'EndTxnMarker',
  versions: '0',
  flexible: 'none',
  shape: {
    coordinatorEpoch: field('0+', int32),
  },
})
export interface EndTxnMarker extends Infer<typeof EndTxnMarker> {}
/** What {@link EndTxnMarker} takes for encoding: fields with a default may be left out. */
export type EndTxnMarkerInput = InferInput<typeof EndTxnMarker>
