import { readFileSync } from 'node:fs'

/** Something that a named broker is known to do otherwise, and why. */
export interface Deviation {
  /** Id of a rule, or a pattern with `*`. */
  readonly rule: string
  /** Default: all. */
  readonly versions?: readonly number[]
  readonly reason: string
  /** It depends on what else goes on: that the rule is followed now and then is no reason to take this off the list. */
  readonly sometimes?: true
  readonly link?: string
}

/** The deviations that this package knows of a broker; none for one it does not know. */
export function knownDeviations(name: string): readonly Deviation[] {
  if (!/^[a-z0-9-]+$/.test(name)) return []
  try {
    const text = readFileSync(new URL(`../../deviations/${name}.json`, import.meta.url), 'utf8')
    return JSON.parse(text) as readonly Deviation[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
