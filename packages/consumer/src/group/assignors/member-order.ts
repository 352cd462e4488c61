import type { AssignorMember } from './assignor.js'

/** Orders by UTF-16 code units, as Java's `String.compareTo` does. */
export const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** Static members come first, so that their partitions do not depend on the member ids the broker makes up. */
export const compareMembers = (a: AssignorMember, b: AssignorMember): number => {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) {
    return compareText(a.groupInstanceId, b.groupInstanceId)
  }
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return compareText(a.memberId, b.memberId)
}
