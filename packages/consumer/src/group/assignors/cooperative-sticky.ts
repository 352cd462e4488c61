import { Reader, Writer } from '@ottla/protocol'
import type { Assignor, AssignorMember } from './assignor.js'
import { assignSticky } from './sticky-assignment.js'
import type { StickyClaim } from './sticky-board.js'
import { withholdMoving } from './withhold-moving.js'

/**
 * Kafka's `cooperative-sticky` strategy (KIP-429): the same division as `sticky`, reached in two rounds. Members keep what they
 * own while they join; a partition that is to move is given to nobody in the first round, so that its owner gives it up, and
 * to its new owner in the second.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  protocols: ['cooperative', 'eager'],
  encodeUserData({ lastGenerationId }) {
    const writer = new Writer()
    writer.int32(lastGenerationId)
    return writer.finish()
  },
  assign(members, topics) {
    const assignment = assignSticky(members, topics, readClaim)
    return withholdMoving(members, assignment, (member) => readClaim(member).generationId)
  },
}

/** Subscriptions of version 2 and later carry the generation (KIP-792); before, it was in the user data. */
const readClaim = ({ ownedPartitions, generationId, userData }: AssignorMember): StickyClaim => ({
  partitions: ownedPartitions,
  generationId: generationId >= 0 ? generationId : decodeGeneration(userData),
})

const decodeGeneration = (userData: Uint8Array | null): number =>
  userData === null || userData.length < 4 ? -1 : new Reader(userData).int32()
