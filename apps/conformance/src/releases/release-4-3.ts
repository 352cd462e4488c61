import { release42 } from './release-4-2.js'
import type { ReleaseProfile } from './release-profile.js'

/** What a broker of Apache Kafka 4.3 advertises to clients: what 4.2 does, and these. */
export const release43: ReleaseProfile = {
  release: '4.3',
  apis: {
    ...release42.apis,
    DescribeLogDirs: [1, 5],
  },
}
