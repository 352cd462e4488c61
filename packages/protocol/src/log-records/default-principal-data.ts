import { bool, field, type Infer, type InferInput, message, string } from '../schema/index.js'

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
export type DefaultPrincipalDataInput = InferInput<typeof DefaultPrincipalData>
