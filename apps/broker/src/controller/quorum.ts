import {
  ControlRecordType,
  encodeControlKey,
  encodeRecordBatch,
  LeaderChangeMessage,
} from '@ottla/protocol'
import type { Storage } from '../platform.js'
import { metadataDirectory } from '../storage/metadata-directory.js'

/** The control batch that begins a leader's epoch in the metadata log (KIP-595). */
export const leaderChangeBatch = (nodeId: number, nowMs: number): Uint8Array => {
  const voters = [{ voterId: nodeId }]
  const value = LeaderChangeMessage.at(0).encode({
    version: 0,
    leaderId: nodeId,
    voters,
    grantingVoters: voters,
  })
  const records = [
    { key: encodeControlKey(ControlRecordType.LEADER_CHANGE), value, timestamp: nowMs },
  ]
  return encodeRecordBatch({ records, isControl: true })
}

/** The epoch of a new leader: above every earlier one. */
export const nextLeaderEpoch = (lastEpoch: number, latestInLog: number): number =>
  Math.max(lastEpoch, latestInLog, 0) + 1

const quorumStatePath = `${metadataDirectory}/quorum-state`

/** The leader epoch that `quorum-state` remembers; 0 if there is no such file. */
export const readQuorumEpoch = (storage: Storage): number => {
  if (!storage.exists(quorumStatePath)) return 0
  const text = Buffer.from(storage.readAll(quorumStatePath)).toString('utf8')
  const { leaderEpoch } = JSON.parse(text) as { leaderEpoch?: unknown }
  return typeof leaderEpoch === 'number' ? leaderEpoch : 0
}

/** Writes `quorum-state` as Kafka's raft client does, with this node as the one voter and leader. */
export const writeQuorumState = (storage: Storage, nodeId: number, leaderEpoch: number): void => {
  storage.writeAll(
    quorumStatePath,
    JSON.stringify({
      clusterId: '',
      leaderId: nodeId,
      leaderEpoch,
      votedId: -1,
      appliedOffset: 0,
      currentVoters: [{ voterId: nodeId }],
      data_version: 0,
    }),
  )
}
