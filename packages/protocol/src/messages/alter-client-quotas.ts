import {
  type Api,
  api,
  array,
  bool,
  field,
  float64,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const EntityData = struct({
  entityType: field('0+', string),
  entityName: field('0+', nullable(string)),
})

const OpData = struct({
  key: field('0+', string),
  value: field('0+', float64),
  remove: field('0+', bool),
})

const EntryData = struct({
  entity: field('0+', array(EntityData)),
  ops: field('0+', array(OpData)),
})

/** Sets or removes client quotas (KIP-546). */
export const AlterClientQuotasRequest = message({
  name: 'AlterClientQuotasRequest',
  apiKey: 49,
  versions: '0-1',
  flexible: '1+',
  shape: {
    entries: field('0+', array(EntryData)),
    validateOnly: field('0+', bool),
  },
})
export interface AlterClientQuotasRequest extends Infer<typeof AlterClientQuotasRequest> {}
/**
 * What {@link AlterClientQuotasRequest} takes for encoding: fields with a default may be left out.
 */
export type AlterClientQuotasRequestInput = InferInput<typeof AlterClientQuotasRequest>

const EntryDataResponse = struct({
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
  entity: field('0+', array(EntityData)),
})

/** Result per entity. */
export const AlterClientQuotasResponse = message({
  name: 'AlterClientQuotasResponse',
  apiKey: 49,
  versions: '0-1',
  flexible: '1+',
  shape: {
    throttleTimeMs: field('0+', int32),
    entries: field('0+', array(EntryDataResponse)),
  },
})
export interface AlterClientQuotasResponse extends Infer<typeof AlterClientQuotasResponse> {}
/**
 * What {@link AlterClientQuotasResponse} takes for encoding: fields with a default may be left out.
 */
export type AlterClientQuotasResponseInput = InferInput<typeof AlterClientQuotasResponse>

/** API 49: sets or removes client quotas (KIP-546). */
export const AlterClientQuotas: Api<
  typeof AlterClientQuotasRequest,
  typeof AlterClientQuotasResponse
> = api(AlterClientQuotasRequest, AlterClientQuotasResponse)
