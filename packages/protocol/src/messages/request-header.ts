import {
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  notCompact,
  nullable,
  string,
} from '../schema/index.js'

export const RequestHeader = message({
  name: 'RequestHeader',
  versions: '0-2',
  flexible: '2+',
  shape: {
    requestApiKey: field('0+', int16),
    requestApiVersion: field('0+', int16),
    correlationId: field('0+', int32),
    clientId: field('1+', notCompact(nullable(string))),
  },
})
export interface RequestHeader extends Infer<typeof RequestHeader> {}
export type RequestHeaderInput = InferInput<typeof RequestHeader>
