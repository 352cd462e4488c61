import type * as protocol from '@ottla/protocol'
import type { Api, Infer, InferInput } from '@ottla/protocol'

type Exports = typeof protocol

/** Kafka's name of an API, such as `Produce`. */
export type ApiName = {
  [Name in keyof Exports]: Exports[Name] extends Api ? Name : never
}[keyof Exports]

/** The decoded request of an API. */
export type RequestOf<Name extends ApiName> = Infer<Exports[Name]['request']>

/** The response of an API, as handlers give it. */
export type ResponseOf<Name extends ApiName> = InferInput<Exports[Name]['response']>
