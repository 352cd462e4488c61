import { bool, field, type Infer, type InferInput, message, string } from '../schema/index.js'

/** A principal as brokers pass it on inside Envelope (KIP-590). */
export const DefaultPrincipalData = message({
  name: 'DefaultPrincipalData',
  versions: '0',
  flexible: '0+',
  shape: {
    type: field('0+', string),
    name: field('0+', string),
    tokenAuthenticated: field('0+', bool),
  },
})
export interface DefaultPrincipalData extends Infer<typeof DefaultPrincipalData> {}
/** What {@link DefaultPrincipalData} takes for encoding: fields with a default may be left out. */
export type DefaultPrincipalDataInput = InferInput<typeof DefaultPrincipalData>
