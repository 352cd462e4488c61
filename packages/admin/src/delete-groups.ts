import type { Cluster } from '@ottla/network'
import { BrokerError, DeleteGroups, ErrorCode } from '@ottla/protocol'
import { checkGroupId, retryGroupItems } from './group-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf } from './retry-items.js'

/** What became of a group to delete. */
export interface DeletedGroup extends ItemResult {
  readonly groupId: string
}

/** See `Admin.deleteGroups`. */
export const deleteGroups = async (
  cluster: Cluster,
  groupIds: readonly string[],
  options: OperationOptions = {},
): Promise<DeletedGroup[]> => {
  for (const groupId of groupIds) checkGroupId(groupId)
  const outcomes = await retryGroupItems<string, DeletedGroup>(
    cluster,
    'deleting groups',
    groupIds,
    (groupId) => groupId,
    options,
    async (node, open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version } = await cluster.request(
        DeleteGroups,
        { groupsNames: [...new Set(open)] },
        { node, timeoutMs, signal },
      )
      const results = new Map(response.results.map((result) => [result.groupId, result]))
      return open.map((groupId) => {
        const result = results.get(groupId)
        const errorCode = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
        // When the answer to an earlier attempt got lost, that attempt is who deleted it.
        const isDone = mayBeDone && errorCode === ErrorCode.GROUP_ID_NOT_FOUND
        if (errorCode === ErrorCode.NONE || isDone) return { groupId }
        const place = { api: DeleteGroups.name, version, node, group: groupId }
        return new BrokerError(errorCode, { ...place, text: result?.errorMessage })
      })
    },
  )
  return resultsOf(groupIds, outcomes, (groupId, error) => ({ groupId, error }))
}
