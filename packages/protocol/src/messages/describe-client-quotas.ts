import {
  type Api,
  api,
  array,
  bool,
  field,
  float64,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const ComponentData = struct({
  entityType: field('0+', string),
  /** 0 exact name, 1 the default entity, 2 any name. */
  matchType: field('0+', int8),
  match: field('0+', nullable(string)),
})

/** Lists client quotas that match a filter (KIP-546). */
export const DescribeClientQuotasRequest = message({
  name: 'DescribeClientQuotasRequest',
  apiKey: 48,
  versions: '0-1',
  flexible: '1+',
  shape: {
    components: field('0+', array(ComponentData)),
    strict: field('0+', bool),
  },
})
export interface DescribeClientQuotasRequest extends Infer<typeof DescribeClientQuotasRequest> {}
/**
 * What {@link DescribeClientQuotasRequest} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeClientQuotasRequestInput = InferInput<typeof DescribeClientQuotasRequest>

const EntityData = struct({
  entityType: field('0+', string),
  entityName: field('0+', nullable(string)),
})

const ValueData = struct({
  key: field('0+', string),
  value: field('0+', float64),
})

const EntryData = struct({
  entity: field('0+', array(EntityData)),
  values: field('0+', array(ValueData)),
})

/** Quotas by entity (user, client id, ip). */
export const DescribeClientQuotasResponse = message({
  name: 'DescribeClientQuotasResponse',
  apiKey: 48,
  versions: '0-1',
  flexible: '1+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    entries: field('0+', nullable(array(EntryData))),
  },
})
export interface DescribeClientQuotasResponse extends Infer<typeof DescribeClientQuotasResponse> {}
/**
 * What {@link DescribeClientQuotasResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type DescribeClientQuotasResponseInput = InferInput<typeof DescribeClientQuotasResponse>

/** API 48: lists client quotas that match a filter (KIP-546). */
export const DescribeClientQuotas: Api<
  typeof DescribeClientQuotasRequest,
  typeof DescribeClientQuotasResponse
> = api(DescribeClientQuotasRequest, DescribeClientQuotasResponse)
