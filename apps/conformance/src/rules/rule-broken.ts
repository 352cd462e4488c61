import type { Exchange } from '../client/exchange.js'

/** One place where an answer is not what the rule says. */
export interface Difference {
  /** Such as `topics[0].partitions[0].errorCode`. */
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** What a broken rule can show besides its message. */
export interface RuleBrokenDetails {
  readonly differences?: readonly Difference[]
  /** The exchange that broke it. */
  readonly exchange?: Exchange | undefined
}

/** The target does not do what the rule says. Anything else that a rule throws counts as "could not be judged". */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
  readonly differences: readonly Difference[]
  readonly exchange: Exchange | undefined

  constructor(message: string, { differences = [], exchange }: RuleBrokenDetails = {}) {
    super(message)
    this.differences = differences
    this.exchange = exchange
  }
}

/** The rule asks for something that this target does not have: the execution is skipped, with the reason. */
export class NeedUnmet extends Error {
  override readonly name = 'NeedUnmet'
}
