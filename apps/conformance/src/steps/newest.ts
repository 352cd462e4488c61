import type { AnyApi } from '../client/any-api.js'
import { newestVersion } from '../client/raw-client.js'
import type { RuleContext } from '../rules/rule-context.js'

/**
 * The newest version that both sides have, for set-up that is not what the rule is about, even where
 * it uses the rule's own API.
 */
export function newest(t: RuleContext, api: AnyApi): { readonly version: number } {
  return { version: newestVersion(api, t.versionsOf(api)) }
}
