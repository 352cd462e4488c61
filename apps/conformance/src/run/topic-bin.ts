import { DeleteTopics, ZERO_UUID } from '@ottla/protocol'
import { newestVersion } from '../client/raw-client.js'
import { compareReleases } from '../releases/index.js'
import type { Target } from '../target.js'
import { type Advertised, usableVersions } from './advertised.js'
import { openClient } from './open-client.js'

const TOPICS_AT_ONCE = 100

/** What a {@link TopicBin} is made of. */
export interface TopicBinOptions {
  readonly target: Target
  readonly release: string
  readonly advertised: Advertised
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/**
 * Topics that rules are done with. They are deleted a hundred at a time, which costs a broker far less than one by one;
 * before release 4.0 not until the end of the run: the deletion of any topic made the old group coordinator forget all groups
 * without offsets, those of other rules too.
 */
export class TopicBin {
  readonly #options: TopicBinOptions
  readonly #emptiesAt: number
  #names: string[] = []
  #emptying: Promise<void> = Promise.resolve()

  constructor(options: TopicBinOptions) {
    this.#options = options
    const isOld = compareReleases(options.release, '4.0') < 0
    this.#emptiesAt = isOld ? Number.POSITIVE_INFINITY : TOPICS_AT_ONCE
  }

  /** Takes names; some may be of topics that are gone. */
  add(names: readonly string[]): void {
    this.#names.push(...names)
    if (this.#names.length >= this.#emptiesAt) void this.empty()
  }

  /** Deletes what there is. What goes wrong is not told: it says nothing about rules. */
  empty(): Promise<void> {
    const names = this.#names
    this.#names = []
    this.#emptying = this.#emptying.then(() => this.#delete(names)).catch(() => undefined)
    return this.#emptying
  }

  async #delete(names: readonly string[]): Promise<void> {
    const { target, advertised, deadlineMs, signal } = this.#options
    if (names.length === 0 || signal.aborted) return
    const version = newestVersion(DeleteTopics, usableVersions(advertised, DeleteTopics))
    const client = await openClient(target, { deadlineMs, signal, versionFor: () => version })
    try {
      for (let at = 0; at < names.length; at += TOPICS_AT_ONCE) {
        const topicNames = names.slice(at, at + TOPICS_AT_ONCE)
        const topics = topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
        await client.ask(DeleteTopics, { topics, topicNames, timeoutMs: deadlineMs })
      }
    } finally {
      client.close()
    }
  }
}
