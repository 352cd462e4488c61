import { field, type Infer, type InferInput, int32, message } from '../schema/index.js'

/**
 * Precedes every response. It names neither API nor version: the client remembers them by
 * correlation id.
 */
export const ResponseHeader = message({
  name: 'ResponseHeader',
  versions: '0-1',
  flexible: '1+',
  shape: {
    correlationId: field('0+', int32),
  },
})
export interface ResponseHeader extends Infer<typeof ResponseHeader> {}
/** What {@link ResponseHeader} takes for encoding: fields with a default may be left out. */
export type ResponseHeaderInput = InferInput<typeof ResponseHeader>
