import type { Assignor, RebalanceProtocol } from './assignor.js'
import { cooperativeStickyAssignor } from './cooperative-sticky.js'
import { rangeAssignor } from './range.js'
import { roundRobinAssignor } from './round-robin.js'
import { stickyAssignor } from './sticky.js'

/** Names of the assignors that come with the consumer: Kafka's own. */
export type AssignorName = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky'

/** The assignors that come with the consumer. */
export const builtInAssignors: Readonly<Record<AssignorName, Assignor>> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  'cooperative-sticky': cooperativeStickyAssignor,
}

/** The most advanced protocol that all of them support, as in the Java client; undefined if there is none. */
export const commonProtocol = (assignors: readonly Assignor[]): RebalanceProtocol | undefined =>
  (['cooperative', 'eager'] as const).find((protocol) =>
    assignors.every(({ protocols = ['eager'] }) => protocols.includes(protocol)),
  )
