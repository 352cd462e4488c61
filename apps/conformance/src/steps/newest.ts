import type { AnyApi } from '../client/any-api.js'
import { newestVersion } from '../client/raw-client.js'
import type { RuleContext } from '../rules/rule-context.js'

/** The newest version that both sides have, where a rule is not about the version, even of its own API. */
export function newest(t: RuleContext, api: AnyApi): { readonly version: number } {
  return { version: newestVersion(api, t.versionsOf(api)) }
}

/** The same for a step that sets up: what else is read of its answer than what it compares, is not judged. */
export function forSetUp(
  t: RuleContext,
  api: AnyApi,
): { readonly version: number; readonly isSetUp: true } {
  return { ...newest(t, api), isSetUp: true }
}
