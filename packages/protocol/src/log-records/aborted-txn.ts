import { field, type Infer, type InferInput, int64, message } from '../schema/index.js'

export const AbortedTxn = message({
  name: 'AbortedTxn',
  versions: '0',
  flexible: 'none',
  shape: {
    producerId: field('0+', int64),
    firstOffset: field('0+', int64),
    lastOffset: field('0+', int64),
    lastStableOffset: field('0+', int64),
  },
})
export interface AbortedTxn extends Infer<typeof AbortedTxn> {}
export type AbortedTxnInput = InferInput<typeof AbortedTxn>
