import { describe, expectTypeOf, test } from 'vitest'
import {
  FetchResponse,
  type FetchResponseInput,
  type Infer,
  MetadataRequest,
  type MetadataRequestInput,
  type OffsetCommit,
  type OffsetCommitRequest,
  PartitionRecord,
  TopicRecord,
} from '../index.js'
import { decodeMetadataRecord, encodeMetadataRecord } from '../log-values.js'

/** Checked by the compiler (`pnpm typecheck`); at run time they only have to load. */
describe('types', () => {
  test('of decoded messages hold every field, nullable only where Kafka allows null', () => {
    expectTypeOf<OffsetCommitRequest['groupId']>().toEqualTypeOf<string>()
    expectTypeOf<OffsetCommitRequest['groupInstanceId']>().toEqualTypeOf<string | null>()
    type Partition = OffsetCommitRequest['topics'][number]['partitions'][number]
    expectTypeOf<Partition['committedOffset']>().toEqualTypeOf<bigint>()
    expectTypeOf<Partition>().toHaveProperty('committedLeaderEpoch').toEqualTypeOf<number>()
    type FetchPartition = FetchResponse['responses'][number]['partitions'][number]
    expectTypeOf<FetchPartition['records']>().toEqualTypeOf<Uint8Array | null>()
    expectTypeOf<FetchPartition['currentLeader']['leaderId']>().toEqualTypeOf<number>()
    // @ts-expect-error fields have literal names
    type Misspelt = OffsetCommitRequest['groupID']
    expectTypeOf<Misspelt>().not.toBeNever()
  })

  test('of input let defaults be left out and arrays be readonly', () => {
    const request: MetadataRequestInput = { topics: [{ name: 'a' }] as const }
    expectTypeOf(request.allowAutoTopicCreation).toEqualTypeOf<boolean | undefined>()
    expectTypeOf<Infer<typeof MetadataRequest>>().toExtend<MetadataRequestInput>()
    expectTypeOf<FetchResponse>().toExtend<FetchResponseInput>()
    // @ts-expect-error topics has no default
    const missing: MetadataRequestInput = {}
    // @ts-expect-error a name is a string
    const wrong: MetadataRequestInput = { topics: [{ name: 1 }] }
    expectTypeOf([missing, wrong]).toBeArray()
  })

  test('of an API lead from request to response', () => {
    expectTypeOf<Infer<typeof OffsetCommit.request>>().toEqualTypeOf<
      Infer<typeof OffsetCommit.request>
    >()
    const decoded = FetchResponse.at(4).decode(FetchResponse.at(4).encode({ responses: [] }))
    expectTypeOf(decoded.responses).items.toHaveProperty('topic').toEqualTypeOf<string>()
    expectTypeOf(MetadataRequest.name).toEqualTypeOf<'MetadataRequest'>()
  })

  test('of metadata records narrow by name', () => {
    const bytes = encodeMetadataRecord(TopicRecord, 0, {
      name: 'a',
      topicId: '00000000-0000-0000-0000-000000000001',
    })
    const record = decodeMetadataRecord(bytes, [TopicRecord, PartitionRecord])
    if (record.name === 'TopicRecord') {
      expectTypeOf(record.value.topicId).toEqualTypeOf<string>()
    } else expectTypeOf(record.value.partitionId).toEqualTypeOf<number>()
  })
})
