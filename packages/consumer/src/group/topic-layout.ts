import type { Cluster } from '@ottla/network'
import type { AssignorPartition } from './assignors/assignor.js'

/** The topics that exist, with their partitions and the racks that hold them, as assignors want them. */
export const layoutTopics = (
  { metadata }: Cluster,
  topics: readonly string[],
): Map<string, readonly AssignorPartition[]> => {
  const racks = new Map(metadata.brokers().map(({ node, rack }) => [node, rack]))
  const layout = new Map<string, readonly AssignorPartition[]>()
  for (const topic of topics) {
    const partitions = metadata.topic(topic)?.partitions ?? []
    if (partitions.length === 0) continue
    const placed = partitions.map(({ partition, replicas }) => ({
      partition,
      racks: [...new Set(replicas.flatMap((node) => racks.get(node) ?? []))],
    }))
    layout.set(topic, placed)
  }
  return layout
}
