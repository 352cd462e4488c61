import { release39 } from './release-3-9.js'
import { release40 } from './release-4-0.js'
import { release41 } from './release-4-1.js'
import { release42 } from './release-4-2.js'
import { release43 } from './release-4-3.js'
import { release44 } from './release-4-4.js'
import type { ReleaseProfile } from './release-profile.js'

/** The releases that this suite knows, oldest first. */
export const releaseProfiles: readonly ReleaseProfile[] = [
  release39,
  release40,
  release41,
  release42,
  release43,
  release44,
]

/**
 * The profile of a release such as `4.4` or `4.4.0`.
 * @throws Error for one that this suite does not know
 */
export function profileOf(release: string): ReleaseProfile {
  const found = releaseProfiles.find((profile) => profile.release === shortRelease(release))
  if (found !== undefined) return found
  const known = releaseProfiles.map((profile) => profile.release).join(', ')
  throw new Error(`The release is one of ${known}, not '${release}'.`)
}

const shortRelease = (release: string) => release.split('.').slice(0, 2).join('.')

/** Orders releases: negative when `a` is older than `b`. */
export function compareReleases(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
