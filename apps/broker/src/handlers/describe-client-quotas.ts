import { DescribeClientQuotas, type DescribeClientQuotasRequest, ErrorCode } from '@ottla/protocol'
import { refusal, toApiError } from '../errors.js'
import { type ClientQuota, partsOf, quotaEntityTypes } from '../image/client-quotas.js'
import { handler } from '../server/handler.js'

type Component = DescribeClientQuotasRequest['components'][number]

/** `matchType` of a filter: this name, the default, any name. */
const matchTypes = { exact: 0, byDefault: 1, any: 2 } as const

/** Lists the quotas of the entities that have every part asked for; strictly: and no other part (KIP-546). */
export const describeClientQuotasHandler = handler(
  DescribeClientQuotas,
  { min: 0, max: 1 },
  ({ broker: { image } }, { components, strict }) => {
    try {
      checkFilter(components)
    } catch (error) {
      return { throttleTimeMs: 0, ...toApiError(error), entries: null }
    }
    const found = [...image.clientQuotas.values()].filter(({ entity }) => {
      if (strict && entity.size !== components.length) return false
      return components.every((component) => isMatch(entity, component))
    })
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      errorMessage: '',
      entries: found.map(({ entity, values }) => ({
        entity: partsOf(entity),
        values: [...values].map(([key, value]) => ({ key, value })),
      })),
    }
  },
)

const isMatch = (
  entity: ClientQuota['entity'],
  { entityType, matchType, match }: Component,
): boolean => {
  const name = entity.get(entityType)
  if (name === undefined) return false
  return matchType === matchTypes.any || name === match
}

/** @throws BrokerError in Kafka's words. */
const checkFilter = (components: readonly Component[]): void => {
  const seen = new Set<string>()
  const invalid = (text: string): Error => refusal(ErrorCode.INVALID_REQUEST, text)
  for (const component of components) {
    const { entityType: type } = component
    if (type === '') throw invalid('Invalid empty entity type.')
    if (seen.has(type)) {
      throw invalid(`Entity type ${type} cannot appear more than once in the filter.`)
    }
    if (!quotaEntityTypes.some((each) => each === type)) {
      throw refusal(ErrorCode.UNSUPPORTED_VERSION, `Unsupported entity type ${type}`)
    }
    const complaint = complaintAbout(component)
    if (complaint !== undefined) throw invalid(complaint)
    seen.add(type)
  }
  if (seen.has('ip') && seen.size > 1) {
    const text =
      'Invalid entity filter component combination. IP filter component should not be used with ' +
      'user or clientId filter component.'
    throw invalid(text)
  }
}

const complaintAbout = ({ matchType, match }: Component): string | undefined => {
  const tooMuch = (type: string): string | undefined =>
    match === null
      ? undefined
      : `Request specified MATCH_TYPE_${type}, but also specified a match string.`
  switch (matchType) {
    case matchTypes.exact:
      if (match !== null) return undefined
      return 'Request specified MATCH_TYPE_EXACT, but set match string to null.'
    case matchTypes.byDefault:
      return tooMuch('DEFAULT')
    case matchTypes.any:
      return tooMuch('SPECIFIED')
    default:
      return `Unknown match type ${matchType}`
  }
}
