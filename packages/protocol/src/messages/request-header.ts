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

/**
 * Precedes every request: which API and version the body has, and a number that the response
 * repeats. Version 2 goes with flexible bodies; see `headerVersions`.
 */
export const RequestHeader = message({
  name: 'RequestHeader',
  versions: '0-2',
  flexible: '2+',
  shape: {
    requestApiKey: field('0+', int16),
    requestApiVersion: field('0+', int16),
    correlationId: field('0+', int32),
    /**
     * Not compact even in version 2, so that a broker can read it whatever the version (KIP-482).
     */
    clientId: field('1+', notCompact(nullable(string))),
  },
})
export interface RequestHeader extends Infer<typeof RequestHeader> {}
/** What {@link RequestHeader} takes for encoding: fields with a default may be left out. */
export type RequestHeaderInput = InferInput<typeof RequestHeader>
