import type { Versions } from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'
import type { ConnectOptions, RawClient } from '../client/raw-client.js'
import type { Pattern } from '../match/pattern.js'
import type { Target } from '../target.js'

/** Everything a rule works with: one execution of one rule at one version. */
export interface RuleContext {
  /** Version of the rule's first API in this execution. */
  readonly version: number
  readonly target: Target
  /** The release that the target is held to, such as `4.4`. */
  readonly release: string
  /** Longest wait for one answer, or for anything else, in milliseconds. */
  readonly deadlineMs: number
  /** Aborts when the run does, or when the rule has taken too long altogether. */
  readonly signal: AbortSignal

  /** A connection to the bootstrap address, opened on first use and closed at the end. */
  readonly client: RawClient
  /** Opens a connection of its own; closed at the end of the rule. Default: to the bootstrap address. */
  connect(options?: ConnectOptions): Promise<RawClient>
  /** A connection to the leader of a partition; `client` where that is the bootstrap node. */
  leader(topic: string, partition?: number): Promise<RawClient>
  /** A connection to the coordinator of a group or transactional id. */
  coordinator(key: string, type?: 'group' | 'transaction'): Promise<RawClient>

  /** Versions of an API that target and library both have; undefined when there are none. */
  versionsOf(api: AnyApi): Versions | undefined
  /** A name that no other execution or run uses: topics, groups, transactional ids. */
  name(kind: string): string
  /** Runs at the end of the rule, last registered first, whether it passed or not. Failures are ignored. */
  cleanUp(action: () => Promise<unknown>): void
  /** Has a topic deleted, some time after the end of the rule, if it is still there. */
  discardTopic(name: string): void

  /**
   * Compares an answer, or a part of one, with a pattern: the fields that the pattern names, and of
   * those the ones that the answer's version has. Arrays must match by length and order, unless
   * {@link containing} or {@link inAnyOrder} says otherwise. What is read here is what the
   * fault-injecting proxy breaks.
   * @throws RuleBroken with every difference
   */
  expect<Answer extends object>(answer: Answer, pattern: Pattern<Answer>): void
  /** Compares a fact that the rule worked out itself; deep, bytes and bigints included. */
  equal<Value>(actual: Value, expected: NoInfer<Value>, what: string): void
  /** Breaks the rule unless something took as long as it should; faults cannot reach what a condition reads. */
  check(condition: unknown, what: string): void
  /**
   * Asks again, with short pauses, until `check` returns something other than undefined or false.
   * @throws RuleBroken after `deadlineMs`, or as given
   */
  until<Value>(
    what: string,
    check: () => Promise<Value | undefined | false>,
    deadlineMs?: number,
  ): Promise<Value>
  /** Time passes. Only for rules about time itself: a long poll that must not end early. */
  pause(ms: number): Promise<void>
  /** Milliseconds of a clock that never goes back. */
  now(): number
}
