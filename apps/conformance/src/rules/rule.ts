import type { AnyApi } from '../client/any-api.js'
import type { Need } from './need.js'
import type { RuleContext } from './rule-context.js'

/** What rules are about, for the table at the end of a run. */
export const ruleTopics = [
  'versions',
  'shape',
  'errors',
  'boundaries',
  'robustness',
  'metadata',
  'records',
  'offsets',
  'timestamps',
  'fetch-sessions',
  'long-polling',
  'idempotence',
  'transactions',
  'groups',
  'consumer-groups',
  'share-groups',
  'configs',
  'administration',
  'security',
  'quotas',
] as const

/** One of {@link ruleTopics}. */
export type RuleTopic = (typeof ruleTopics)[number]

/** Releases a rule holds for, both ends included: `{ from: '4.0' }`, `{ until: '3.9' }`. */
export interface Releases {
  readonly from?: string
  readonly until?: string
}

/** One sentence about how a Kafka broker behaves, and the code that finds out. */
export interface Rule {
  /** `<api>.<what>` in kebab case, such as `metadata.unknown-topic`; never changed once released. */
  readonly id: string
  /** The rule in one sentence. */
  readonly says: string
  /** Where it is written: a KIP (`KIP-227`), or a page and section of Kafka's documentation. */
  readonly source: string
  /** The APIs it speaks; it is listed under the first, and runs once for each version of that. */
  readonly apis: readonly [AnyApi, ...AnyApi[]]
  readonly topic: RuleTopic
  /**
   * Versions of the first API that it holds for. Default: all that the target advertises and this
   * library knows. `newest` runs it once, for what does not depend on the version and takes time.
   */
  readonly versions?: { readonly min?: number; readonly max?: number } | 'newest'
  readonly releases?: Releases
  readonly needs?: readonly Need[]
  /** Runs while no other rule does: it counts what all clients do, or restarts the broker. */
  readonly alone?: boolean
  readonly run: (t: RuleContext) => Promise<void>
}

/** Whether a rule kills nodes, or holds them up. */
export function losesNodes({ needs }: Rule): boolean {
  return needs?.includes('nodes-can-be-stopped') === true
}

/** Declares a rule. */
export function rule(declared: Rule): Rule {
  return declared
}
