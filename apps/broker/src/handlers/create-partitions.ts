import {
  CreatePartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { timedOut } from '../controller/deadline.js'
import { noError, refusal, toApiError } from '../errors.js'
import { MutationQuota } from '../quota/mutation-quota.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Topic = CreatePartitionsRequest['topics'][number]
type Result = CreatePartitionsResponseInput['results'][number]

/** Adds partitions to topics (KIP-195), or (`validateOnly`) says whether it could. */
export const createPartitionsHandler = handler(
  CreatePartitions,
  { min: 0, max: 3 },
  async (context, request): Promise<CreatePartitionsResponseInput> => {
    const { broker, apiVersion } = context
    const counts = new Map<string, number>()
    for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
    const wanted = request.topics.filter(({ name }) => counts.get(name) === 1)
    const late = wanted.length > 0 ? timedOut(request.timeoutMs) : undefined
    if (late !== undefined) {
      return { throttleTimeMs: 0, results: request.topics.map(({ name }) => ({ name, ...late })) }
    }
    const repeated = [...counts].filter(([, count]) => count > 1).map(([name]) => name)
    const duplicate = refusal(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
    const results = repeated.map((name) => ({ name, ...toApiError(duplicate) }))
    const quota = new MutationQuota(broker.throttle, context, apiVersion >= 3)
    const created = await create(broker, request, wanted, quota)
    return { throttleTimeMs: quota.conclude(), results: [...results, ...created] }
  },
)

const create = async (
  { controller }: BrokerServices,
  { validateOnly }: CreatePartitionsRequest,
  wanted: readonly Topic[],
  { take }: MutationQuota,
): Promise<Result[]> => {
  try {
    const errors = await controller.createPartitions(wanted, { validateOnly, take })
    return wanted.map(({ name }, index) => {
      const error = errors[index]
      return { name, ...(error === undefined ? noError : toApiError(error)) }
    })
  } catch (error) {
    return wanted.map(({ name }) => ({ name, ...toApiError(error) }))
  }
}
