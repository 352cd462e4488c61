import { release43 } from './release-4-3.js'
import type { ReleaseProfile } from './release-profile.js'

/** What a broker of Apache Kafka 4.4 advertises to clients: what 4.3 does, and these. */
export const release44: ReleaseProfile = {
  release: '4.4',
  apis: {
    ...release43.apis,
    ApiVersions: [0, 5],
    TxnOffsetCommit: [0, 6],
    DeleteGroups: [0, 3],
    StreamsGroupHeartbeat: [0, 1],
    StreamsGroupDescribe: [0, 1],
    StreamsGroupTopologyDescriptionUpdate: [0, 0],
    UnregisterController: [0, 0],
  },
}
