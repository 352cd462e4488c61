import {
  AddPartitionsToTxn,
  EndTxn,
  ErrorCode,
  encodeRecordBatch,
  InitProducerId,
  Produce,
  type ProduceResponse,
} from '@ottla/protocol'
import { newestVersion } from '../client/raw-client.js'
import { NeedUnmet } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

/** A producer with a transactional id, as the coordinator last answered. */
export interface TransactionalProducer {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** How a producer speaks: `1` adds partitions itself, `2` leaves it to the brokers (KIP-890). */
export type TransactionProtocol = 1 | 2

/** The highest versions of a client that speaks protocol 1. */
const lastOfProtocol1 = { produce: 11, addPartitions: 3, end: 4 } as const

/** Answers of a coordinator that is still busy, or has just become one. */
const passing: readonly number[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]

/** Asks a coordinator again for as long as it says that it is busy. */
export function untilSettled<Answer extends { readonly errorCode: number }>(
  t: RuleContext,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  return t.until('a coordinator that is not busy', async () => {
    const answer = await ask()
    return !passing.includes(answer.errorCode) && answer
  })
}

/** What a transactional producer is to be. */
export interface InitTransactionsOptions {
  /** Default: an id of its own. */
  readonly transactionalId?: string
  /** Default one minute. */
  readonly timeoutMs?: number
}

/** Gets a producer id and epoch for a transactional id, as set-up: at the newest version. */
export async function initTransactions(
  t: RuleContext,
  options: InitTransactionsOptions = {},
): Promise<TransactionalProducer> {
  const { transactionalId = t.name('transactional-id'), timeoutMs = 60_000 } = options
  const coordinator = await t.coordinator(transactionalId, 'transaction')
  const request = { transactionalId, transactionTimeoutMs: timeoutMs }
  const answer = await untilSettled(t, () =>
    coordinator.ask(InitProducerId, request, forSetUp(t, InitProducerId)),
  )
  t.equal(answer.errorCode, ErrorCode.NONE, `error of InitProducerId for ${transactionalId}`)
  const { producerId, producerEpoch } = answer
  return { transactionalId, producerId, producerEpoch }
}

/** Partitions by name of topic, as AddPartitionsToTxn takes them. */
export function addPartitionsRequest(
  { transactionalId, producerId, producerEpoch }: TransactionalProducer,
  topics: readonly { readonly name: string; readonly partitions: number[] }[],
) {
  return {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [...topics],
    transactions: [
      { transactionalId, producerId, producerEpoch, verifyOnly: false, topics: [...topics] },
    ],
  }
}

/** Adds partitions to the open transaction, or opens one with them: as a client of protocol 1 does. */
export async function addPartitions(
  t: RuleContext,
  producer: TransactionalProducer,
  topic: Topic,
  partitions: readonly number[] = [0],
): Promise<void> {
  const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
  const request = addPartitionsRequest(producer, [
    { name: topic.name, partitions: [...partitions] },
  ])
  const { errorCode } = await untilSettled(t, async () => {
    const answer = await coordinator.ask(AddPartitionsToTxn, request, {
      version: lastOfProtocol1.addPartitions,
    })
    const results = answer.resultsByTopicV3AndBelow[0]?.resultsByPartition ?? []
    return {
      errorCode: results.find((one) => one.partitionErrorCode !== 0)?.partitionErrorCode ?? 0,
    }
  })
  t.equal(errorCode, ErrorCode.NONE, `error of AddPartitionsToTxn for ${topic.name}`)
}

/** Where a transactional batch goes, and how. */
export interface SendOptions {
  /** Default 0. */
  readonly partition?: number
  /** Sequence of the first record. Default 0. */
  readonly baseSequence?: number
  /** Default 2. */
  readonly protocol?: TransactionProtocol
  /** Version of Produce. Default: the highest that the protocol has. */
  readonly version?: number
}

type PartitionProduceResponse = ProduceResponse['responses'][number]['partitionResponses'][number]

/** Sends one transactional batch and gives the partition's answer, whatever it says. */
export async function sendInTransaction(
  t: RuleContext,
  producer: TransactionalProducer,
  topic: Topic,
  texts: readonly string[],
  options: SendOptions = {},
): Promise<PartitionProduceResponse> {
  const { partition = 0, baseSequence = 0, protocol = 2 } = options
  const { transactionalId, producerId, producerEpoch } = producer
  const leader = await t.leader(topic.name, partition)
  const records = encodeRecordBatch({
    // Of now, as markers are: an older time would put the marker into a segment of its own.
    records: texts.map((text) => ({ key: null, value: Buffer.from(text), timestamp: Date.now() })),
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional: true,
  })
  const partitionData = [{ index: partition, records }]
  const topicData = [{ name: topic.name, topicId: topic.id, partitionData }]
  const request = { transactionalId, acks: -1, timeoutMs: t.deadlineMs, topicData }
  const version = options.version ?? versionFor(t, Produce, lastOfProtocol1.produce, protocol)
  return t.until(`an answer for ${topic.name}-${partition}`, async () => {
    const answer = await leader.ask(Produce, request, { version })
    const found = answer.responses[0]?.partitionResponses[0]
    return found !== undefined && !passing.includes(found.errorCode) && found
  })
}

/** Writes one batch in a transaction, added to it first where the protocol asks for that. */
export async function produceInTransaction(
  t: RuleContext,
  producer: TransactionalProducer,
  topic: Topic,
  texts: readonly string[],
  options: SendOptions = {},
): Promise<bigint> {
  const { partition = 0, protocol = 2 } = options
  if (protocol === 1) await addPartitions(t, producer, topic, [partition])
  const { errorCode, baseOffset } = await sendInTransaction(t, producer, topic, texts, options)
  t.equal(errorCode, ErrorCode.NONE, `error of Produce to ${topic.name}-${partition}`)
  return baseOffset
}

/**
 * Ends the open transaction, as set-up.
 * @returns the producer to go on with: of protocol 2 it has another epoch
 */
export async function endTransaction(
  t: RuleContext,
  producer: TransactionalProducer,
  committed: boolean,
  protocol: TransactionProtocol = 2,
): Promise<TransactionalProducer> {
  const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
  const version = versionFor(t, EndTxn, lastOfProtocol1.end, protocol)
  const answer = await untilSettled(t, () =>
    coordinator.ask(EndTxn, { ...producer, committed }, { version }),
  )
  t.equal(answer.errorCode, ErrorCode.NONE, `error of EndTxn for ${producer.transactionalId}`)
  if (protocol === 1) return producer
  const { producerId, producerEpoch } = answer
  return { ...producer, producerId, producerEpoch }
}

function versionFor(
  t: RuleContext,
  api: typeof Produce | typeof EndTxn,
  lastOfOne: number,
  protocol: TransactionProtocol,
): number {
  const max = newestVersion(api, t.versionsOf(api))
  if (protocol === 1) return Math.min(max, lastOfOne)
  if (max <= lastOfOne) throw new NeedUnmet(`has no version of ${api.name} above ${lastOfOne}`)
  return max
}
