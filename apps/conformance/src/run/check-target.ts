import { profileOf } from '../releases/index.js'
import type { Need } from '../rules/need.js'
import type { Target } from '../target.js'

/** What the description of a target must have for a need that it says it provides; otherwise what is missing. */
const missing: Partial<Record<Need, (target: Target) => string | undefined>> = {
  'sasl-plain': withoutUsers,
  'sasl-scram': withoutUsers,
  're-authentication': ({ listeners }) =>
    (listeners?.renewal ?? listeners?.sasl) === undefined
      ? 'a listener with SASL: `listeners.renewal` or `listeners.sasl`'
      : undefined,
  'nodes-can-be-stopped': ({ controls }) =>
    controls?.nodes === undefined ? 'a way to stop nodes: `controls.nodes`' : undefined,
}

const USERS = ['admin', 'alice']

/**
 * Refuses a target that is said to provide what its description does not let the rules reach: a hundred of them would
 * fail for that, one by one.
 * @throws Error that says what is missing, and for a release that the suite does not know
 */
export function checkTarget(target: Target): void {
  if (target.release !== undefined) profileOf(target.release)
  for (const need of target.provides ?? []) {
    const what = missing[need]?.(target)
    if (what !== undefined) {
      throw new Error(`A target that provides '${need}' needs ${what}, and this one has none.`)
    }
  }
}

function withoutUsers({ listeners }: Target): string | undefined {
  const users = listeners?.sasl?.users
  if (users === undefined) return 'a listener with SASL: `listeners.sasl`'
  const absent = USERS.filter((user) => users[user] === undefined)
  return absent.length === 0
    ? undefined
    : `the users ${absent.join(' and ')} in \`listeners.sasl.users\``
}
