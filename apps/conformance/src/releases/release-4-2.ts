import { release41 } from './release-4-1.js'
import type { ReleaseProfile } from './release-profile.js'

/** What a broker of Apache Kafka 4.2 advertises to clients: what 4.1 does, and these. */
export const release42: ReleaseProfile = {
  release: '4.2',
  apis: {
    ...release41.apis,
    ListOffsets: [1, 11],
    OffsetCommit: [2, 10],
    OffsetFetch: [1, 10],
    WriteTxnMarkers: [1, 2],
    ShareFetch: [1, 2],
    ShareAcknowledge: [1, 2],
    AddRaftVoter: [0, 1],
    WriteShareGroupState: [0, 1],
    ReadShareGroupStateSummary: [0, 1],
    StreamsGroupHeartbeat: [0, 0],
    StreamsGroupDescribe: [0, 0],
    DescribeShareGroupOffsets: [0, 1],
  },
}
