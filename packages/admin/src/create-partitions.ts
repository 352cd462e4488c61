import { type Cluster, show } from '@ottla/network'
import {
  BrokerError,
  CreatePartitions,
  type CreatePartitionsResponse,
  ErrorCode,
  InvalidArgumentError,
  KafkaError,
} from '@ottla/protocol'
import { checkFields } from './check-arguments.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf, retryItems } from './retry-items.js'

/** More partitions for a topic. Keys that hash to other partitions from then on leave their old records behind. */
export interface NewPartitions {
  /** The topic's. */
  readonly name: string
  /** How many the topic shall have in the end: more than it has. */
  readonly partitions: number
  /** The brokers of each new partition, the preferred leader first. Default: the controller decides. */
  readonly assignments?: readonly (readonly number[])[] | undefined
}

/** What became of a topic that was to get more partitions. */
export interface CreatedPartitions extends ItemResult {
  readonly name: string
}

/** How to create partitions. */
export interface CreatePartitionsOptions extends OperationOptions {
  /** Only checks whether they could be created. */
  readonly validateOnly?: boolean | undefined
}

/** See `Admin.createPartitions`. */
export const createPartitions = async (
  cluster: Cluster,
  topics: readonly NewPartitions[],
  options: CreatePartitionsOptions = {},
): Promise<CreatedPartitions[]> => {
  for (const topic of topics) check(topic)
  const { validateOnly = false } = options
  const outcomes = await retryItems<NewPartitions, CreatedPartitions>(
    cluster,
    'creating partitions',
    topics,
    options,
    async (open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version, node } = await cluster.request(
        CreatePartitions,
        { topics: open.map(encode), timeoutMs: Math.floor(timeoutMs), validateOnly },
        { node: 'controller', timeoutMs, signal },
      )
      const results = new Map(response.results.map((result) => [result.name, result]))
      const place = { api: CreatePartitions.name, version, node }
      const decoded = open.map(({ name }) => decode(name, results.get(name), place))
      if (!mayBeDone) return decoded
      // When the answer to an earlier attempt got lost, that attempt may be who created them.
      await cluster.refreshMetadata({ topics: open.map(({ name }) => name), timeoutMs, signal })
      return decoded.map((outcome, index) => {
        const { name, partitions } = open[index] as NewPartitions
        const isThere = cluster.metadata.topic(name)?.partitions.length === partitions
        return outcome instanceof KafkaError && isThere ? { name } : outcome
      })
    },
  )
  return resultsOf(topics, outcomes, ({ name }, error) => ({ name, error }))
}

const encode = ({ name, partitions, assignments }: NewPartitions) => ({
  name,
  count: partitions,
  assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
})

const decode = (
  name: string,
  result: CreatePartitionsResponse['results'][number] | undefined,
  place: object,
): CreatedPartitions | KafkaError => {
  const errorCode = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
  if (result !== undefined && errorCode === ErrorCode.NONE) return { name }
  const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
  const text = result?.errorMessage
  return new BrokerError(errorCode, { ...place, topic: name, text, retriable })
}

const fields = {
  name: ['topic'],
  partitions: ['count', 'totalCount'],
  assignments: ['newAssignments'],
}

const check = (topic: NewPartitions): void => {
  checkFields('a topic to get more partitions has no field', topic, fields)
  const { name, partitions } = topic
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError('partitions need the name of the topic they are for')
  }
  if (!(Number.isInteger(partitions) && partitions > 0)) {
    throw new InvalidArgumentError(
      `topic ${name}: partitions must be the new number of partitions, 1 or more, not ${show(partitions)}`,
    )
  }
}
