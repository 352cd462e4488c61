import type { AssignorMember, AssignorPartition } from './assignor.js'

/**
 * Whether racks can make a difference (KIP-881): some member is in a rack that holds a replica, and replicas do not sit in all
 * racks anyway.
 */
export const needsRacks = (
  members: readonly AssignorMember[],
  partitions: readonly AssignorPartition[],
): boolean => {
  const memberRacks = new Set(members.flatMap(({ rackId }) => (rackId === null ? [] : [rackId])))
  if (memberRacks.size === 0) return false
  const allRacks = new Set(partitions.flatMap(({ racks }) => racks))
  if (![...memberRacks].some((rack) => allRacks.has(rack))) return false
  return partitions.some(({ racks }) => new Set(racks).size !== allRacks.size)
}
