import { show } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { assertTopicName } from './check-places.js'

/** A topic by name, or all topics whose names match. */
export type TopicSelector = string | RegExp

/**
 * What `topics` and `subscribe` accept, as a list; undefined if it is neither names nor expressions.
 *
 * @throws InvalidArgumentError for a name that no topic can have.
 */
export const readTopics = (input: unknown): readonly TopicSelector[] | undefined => {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input]
  if (!list.every(isSelector)) return undefined
  for (const selector of list) if (typeof selector === 'string') assertTopicName(selector)
  return list
}

const isSelector = (input: unknown): input is TopicSelector =>
  (typeof input === 'string' && input !== '') || input instanceof RegExp

/** The topics a group member asks for. Changing it is cheap; the group session compares `version` to know of it. */
export class Subscription {
  #selectors: readonly TopicSelector[] = []
  #version = 0

  constructor(selectors: readonly TopicSelector[]) {
    this.#selectors = selectors
  }

  /** Goes up with every change. */
  get version(): number {
    return this.#version
  }

  get isEmpty(): boolean {
    return this.#selectors.length === 0
  }

  /** Whether topics must be found by looking at all names. */
  get hasPatterns(): boolean {
    return this.#selectors.some((selector) => selector instanceof RegExp)
  }

  /** Topics asked for by name. */
  get names(): string[] {
    const names = this.#selectors.filter((selector) => typeof selector === 'string')
    return [...new Set(names)]
  }

  /**
   * Replaces the topics; false if they are the same as before.
   *
   * @throws InvalidArgumentError when `topics` holds something else than names that a topic can have and regular expressions.
   */
  replace(topics: TopicSelector | readonly TopicSelector[]): boolean {
    const selectors = readTopics(topics)
    if (selectors === undefined) {
      throw new InvalidArgumentError(
        `subscribe() takes a topic name, a RegExp, or an array of them, not ${show(topics)}.`,
      )
    }
    if (keyOf(selectors) === keyOf(this.#selectors)) return false
    this.#selectors = selectors
    this.#version++
    return true
  }

  /** Whether a topic is asked for, by name or by an expression. */
  includes(topic: string): boolean {
    return this.#selectors.some((selector) =>
      typeof selector === 'string' ? selector === topic : matches(selector, topic),
    )
  }

  /** The topics, sorted: those named, and of `existing` those that match an expression. Internal topics need naming. */
  resolve(existing: Iterable<{ readonly name: string; readonly isInternal: boolean }>): string[] {
    const topics = new Set(this.names)
    const patterns = this.#selectors.filter((selector) => selector instanceof RegExp)
    if (patterns.length > 0) {
      for (const { name, isInternal } of existing) {
        if (!isInternal && patterns.some((pattern) => matches(pattern, name))) topics.add(name)
      }
    }
    return [...topics].sort()
  }
}

/** The same for the same topics, in whatever order. A slash is in no topic's name. */
const keyOf = (selectors: readonly TopicSelector[]): string =>
  [...new Set(selectors.map(String))].sort().join(' ')

/** `test` on an expression with the g or y flag remembers where it stopped. */
const matches = (pattern: RegExp, name: string): boolean => {
  pattern.lastIndex = 0
  return pattern.test(name)
}
