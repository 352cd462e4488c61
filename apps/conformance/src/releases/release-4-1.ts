import { release40 } from './release-4-0.js'
import type { ReleaseProfile } from './release-profile.js'

/** What a broker of Apache Kafka 4.1 advertises to clients: what 4.0 does, and these. */
export const release41: ReleaseProfile = {
  release: '4.1',
  apis: {
    ...release40.apis,
    Produce: [0, 13],
    Fetch: [4, 18],
    AlterPartitionReassignments: [0, 1],
    ListTransactions: [0, 2],
    ListConfigResources: [0, 1],
    ShareGroupHeartbeat: [1, 1],
    ShareGroupDescribe: [1, 1],
    ShareFetch: [1, 1],
    ShareAcknowledge: [1, 1],
    InitializeShareGroupState: [0, 0],
    ReadShareGroupState: [0, 0],
    WriteShareGroupState: [0, 0],
    DeleteShareGroupState: [0, 0],
    ReadShareGroupStateSummary: [0, 0],
    DescribeShareGroupOffsets: [0, 0],
    AlterShareGroupOffsets: [0, 0],
    DeleteShareGroupOffsets: [0, 0],
  },
}
