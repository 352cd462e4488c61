import { ListOffsets } from '@ottla/protocol'
import { request } from '@ottla-test/apache-kafka'

/** Log end offset of a partition. */
export async function endOffset(address: string, topic: string, partition = 0): Promise<number> {
  const answer = await request(address, ListOffsets, 5, {
    replicaId: -1,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1n }] }],
  })
  const found = answer.topics[0]?.partitions[0]
  if (found === undefined || found.errorCode !== 0) {
    throw new Error(`ListOffsets of ${topic}-${partition}: error ${found?.errorCode}`)
  }
  return Number(found.offset)
}
