import {
  DescribeProducers,
  ErrorCode,
  FindCoordinator,
  ListOffsets,
  Metadata,
} from '@ottla/protocol'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import { createLog } from '../steps/index.js'

const FIND = 'KIP-699: Update FindCoordinator to resolve multiple Coordinators at a time'
const ID_MAX = 2_147_483_647

const partitionsThatAreNot = [-1, 1, ID_MAX, -ID_MAX - 1].flatMap((partitionIndex) => [
  rule({
    id: `list-offsets.partition-index-${partitionIndex}`,
    says: `ListOffsets of partition ${partitionIndex} of a topic with one partition gets UNKNOWN_TOPIC_OR_PARTITION.`,
    source: messageDocument('ListOffsets'),
    apis: [ListOffsets],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createLog(t)
      const partitions = [{ partitionIndex, timestamp: -1n }]
      const request = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] }
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await t.client.ask(ListOffsets, request), {
        topics: [{ name, partitions: [{ partitionIndex, errorCode, offset: -1n }] }],
      })
    },
  }),
  rule({
    id: `describe-producers.partition-index-${partitionIndex}`,
    says: `DescribeProducers of partition ${partitionIndex} of a topic with one partition gets UNKNOWN_TOPIC_OR_PARTITION.`,
    source: 'KIP-664: Provide tooling to detect and abort hanging transactions',
    apis: [DescribeProducers],
    topic: 'boundaries',
    run: async (t) => {
      const { name } = await createLog(t)
      const request = { topics: [{ name, partitionIndexes: [partitionIndex] }] }
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await t.client.ask(DescribeProducers, request), {
        topics: [{ name, partitions: [{ partitionIndex, errorCode, activeProducers: [] }] }],
      })
    },
  }),
])

const longNames = [249, 250, 32_767].map((length) =>
  rule({
    id: `metadata.topic-name-of-${length}`,
    says: `Metadata of a topic that does not exist with a name of ${length} characters gets ${length > 249 ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION'}.`,
    source: 'KIP-4: Command line and centralized administrative operations, Metadata Schema',
    apis: [Metadata],
    topic: 'boundaries',
    versions: { min: 4 },
    run: async (t) => {
      const name = t.name('topic').padEnd(length, 'x')
      const errorCode =
        length > 249 ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const request = { topics: [{ name }], allowAutoTopicCreation: false }
      t.expect(await t.client.ask(Metadata, request), {
        topics: [{ errorCode, name, partitions: [] }],
      })
    },
  }),
)

/** Values at the edges of what requests may hold, across APIs. */
export const rules: readonly Rule[] = [
  ...partitionsThatAreNot,
  ...longNames,
  rule({
    id: 'find-coordinator.same-key-twice',
    says: 'A key that is asked for twice is answered twice.',
    source: FIND,
    apis: [FindCoordinator],
    topic: 'boundaries',
    versions: { min: 4 },
    run: async (t) => {
      const key = t.name('group')
      await t.coordinator(key)
      const request = { keyType: 0, coordinatorKeys: [key, key] }
      const wanted = { key, errorCode: ErrorCode.NONE }
      const answer = await t.client.ask(FindCoordinator, request)
      t.expect(answer, { coordinators: [wanted, wanted] })
    },
  }),
  ...[-1, 3, 127].map((keyType) =>
    rule({
      id: `find-coordinator.key-type-${keyType}`,
      says: `Key type ${keyType} does not exist and gets INVALID_REQUEST.`,
      source: FIND,
      apis: [FindCoordinator],
      topic: 'boundaries',
      versions: { min: 1 },
      run: async (t) => {
        const key = t.name('group')
        const request = { key, keyType, coordinatorKeys: [key] }
        const errorCode = ErrorCode.INVALID_REQUEST
        t.expect(await t.client.ask(FindCoordinator, request), {
          errorCode,
          coordinators: [{ key, errorCode }],
        })
      },
    }),
  ),
]
