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

/**
 * The deviations in a file of one's own, in the same form.
 * @throws Error when it is not a list of rules with reasons
 */
export function readDeviations(path: string): readonly Deviation[] {
  const list: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(list)) throw new Error(`${path} is not a list of deviations.`)
  for (const [index, one] of list.entries()) {
    const { rule, reason } = (one ?? {}) as Partial<Deviation>
    if (typeof rule === 'string' && typeof reason === 'string' && reason !== '') continue
    throw new Error(`${path}: entry ${index} needs a rule and a reason, both texts.`)
  }
  return list as readonly Deviation[]
}
