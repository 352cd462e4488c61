import {
  ErrorCode,
  OffsetFetch,
  type OffsetFetchRequest,
  type OffsetFetchResponseInput,
} from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { handler, type RequestContext } from '../server/handler.js'

type Group = OffsetFetchRequest['groups'][number]
type GroupAnswer = NonNullable<OffsetFetchResponseInput['groups']>[number]

/** Reads committed offsets: of one group, or from version 8 on of several, each wherever its coordinator is (KIP-709). */
export const offsetFetchHandler = handler(
  OffsetFetch,
  { min: 1, max: 10 },
  async (context, request): Promise<OffsetFetchResponseInput> => {
    if (context.apiVersion < 8) return fetchOne(context, request)
    const groups = await Promise.all(
      request.groups.map((group) => fetchGroup(context, request, group)),
    )
    return { throttleTimeMs: 0, groups }
  },
)

const fetchOne = async (
  context: RequestContext,
  request: OffsetFetchRequest,
): Promise<OffsetFetchResponseInput> => {
  try {
    return await context.broker.groups.request('offsetFetch', context, request.groupId, request)
  } catch (error) {
    const { errorCode } = toApiError(error)
    // Before version 2 an error has no place but the partitions.
    const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        committedOffset: -1n,
        metadata: '',
        errorCode,
      })),
    }))
    return { throttleTimeMs: 0, errorCode, topics: context.apiVersion < 2 ? topics : [] }
  }
}

const fetchGroup = async (
  context: RequestContext,
  request: OffsetFetchRequest,
  group: Group,
): Promise<GroupAnswer> => {
  const { groupId } = group
  try {
    const { groups } = context.broker
    const one = { ...request, groups: [group] }
    const response = await groups.request('offsetFetch', context, groupId, one)
    return (
      response.groups?.[0] ?? { groupId, topics: [], errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
    )
  } catch (error) {
    return { groupId, topics: [], errorCode: toApiError(error).errorCode }
  }
}
