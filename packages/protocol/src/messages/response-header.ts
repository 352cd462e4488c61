import { field, type Infer, type InferInput, int32, message } from '../schema/index.js'

export const ResponseHeader = message({
  name: 'ResponseHeader',
  versions: '0-1',
  flexible: '1+',
  shape: {
    correlationId: field('0+', int32),
  },
})
export interface ResponseHeader extends Infer<typeof ResponseHeader> {}
export type ResponseHeaderInput = InferInput<typeof ResponseHeader>
