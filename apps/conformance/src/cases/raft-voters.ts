import { AddRaftVoter, RemoveRaftVoter, ZERO_UUID } from '@ottla/protocol'
import type { Rule } from '../rules/rule.js'
import { NO_SUCH_NODE, NO_TOPIC_ID } from './nobody.js'
import { type RefusedPlace, refused } from './refused.js'

const KIP_853 = 'KIP-853: KRaft Controller Membership Changes'

const own = ({ errorCode }: RefusedPlace) => ({ errorCode })

const removed = { clusterId: null, voterId: NO_SUCH_NODE }
const added = { ...removed, timeoutMs: 1000, ackWhenCommitted: true }

const NO_DIRECTORY = {
  says: 'A voter without the id of a directory is refused with INVALID_REQUEST.',
  source: KIP_853,
  code: 'INVALID_REQUEST',
} as const

const FIXED = {
  source: KIP_853,
  code: 'UNSUPPORTED_VERSION',
  needs: ['fixed-voters'],
} as const

/** The id of a directory that no voter has. */
const voterDirectoryId = NO_TOPIC_ID

/** Rules of AddRaftVoter and RemoveRaftVoter. */
export const rules: readonly Rule[] = [
  refused({
    ...NO_DIRECTORY,
    api: AddRaftVoter,
    id: 'add-raft-voter.no-directory',
    ask: () => ({ ...added, voterDirectoryId: ZERO_UUID, listeners: [] }),
    answer: own,
  }),
  refused({
    ...NO_DIRECTORY,
    api: RemoveRaftVoter,
    id: 'remove-raft-voter.no-directory',
    ask: () => ({ ...removed, voterDirectoryId: ZERO_UUID }),
    answer: own,
  }),
  refused({
    ...FIXED,
    api: AddRaftVoter,
    id: 'add-raft-voter.fixed-voters',
    says: 'Where the voters are fixed none is added: UNSUPPORTED_VERSION.',
    ask: () => ({
      ...added,
      voterDirectoryId,
      listeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9 }],
    }),
    answer: own,
  }),
  refused({
    ...FIXED,
    api: RemoveRaftVoter,
    id: 'remove-raft-voter.fixed-voters',
    says: 'Where the voters are fixed none is removed: UNSUPPORTED_VERSION.',
    ask: () => ({ ...removed, voterDirectoryId }),
    answer: own,
  }),
]
