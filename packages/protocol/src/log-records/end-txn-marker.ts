import { field, type Infer, type InferInput, int32, message } from '../schema/index.js'

export const EndTxnMarker = message({
  name: 'EndTxnMarker',
  versions: '0',
  flexible: 'none',
  shape: {
    coordinatorEpoch: field('0+', int32),
  },
})
export interface EndTxnMarker extends Infer<typeof EndTxnMarker> {}
export type EndTxnMarkerInput = InferInput<typeof EndTxnMarker>
