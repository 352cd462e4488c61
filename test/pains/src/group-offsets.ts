import { FindCoordinator, OffsetCommit, OffsetFetch } from '@ottla/protocol'
import { request } from '@ottla-test/apache-kafka'

/** The committed offset of partition 0, asked for without any client; -1 if there is none. */
export async function committedOffset(
  address: string,
  groupId: string,
  topic: string,
): Promise<number> {
  const topics = [{ name: topic, partitionIndexes: [0] }]
  const answer = await request(address, OffsetFetch, 7, { groupId, topics })
  return Number(answer.topics[0]?.partitions[0]?.committedOffset ?? -1n)
}

/** Commits an offset of partition 0, as a consumer without a group membership does. */
export async function commitOffset(
  address: string,
  groupId: string,
  topic: string,
  offset: number,
): Promise<void> {
  // The group's part of the internal topic is made when somebody asks for its coordinator.
  await request(address, FindCoordinator, 1, { key: groupId, keyType: 0 })
  const partitions = [{ partitionIndex: 0, committedOffset: BigInt(offset), committedMetadata: '' }]
  const answer = await request(address, OffsetCommit, 7, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: topic, partitions }],
  })
  const { errorCode } = answer.topics[0]?.partitions[0] ?? { errorCode: -1 }
  if (errorCode !== 0) throw new Error(`OffsetCommit answered error ${errorCode}`)
}
