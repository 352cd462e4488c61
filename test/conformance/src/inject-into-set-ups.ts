import { randomInt } from 'node:crypto'
import {
  allRules,
  type FaultReport,
  type FaultRunOptions,
  faultReport,
  fitsId,
  type Rule,
  type RuleFaults,
  runFaults,
} from '@ottla/conformance'
import { startTarget } from '@ottla-test/apache-kafka'
import { conformanceTarget } from './conformance-target.js'
import { memoryFolder } from './memory-folder.js'
import type { SetUp } from './set-ups.js'

const MAX_SEED = 2 ** 31 - 1

/** What an injection over several set-ups of one target does. */
export interface InjectionOptions {
  /** As `startTarget` takes it: `apache-kafka`, `ottla`. */
  readonly target: string
  readonly setUps: readonly SetUp[]
  /** Default: all. */
  readonly rules?: readonly Rule[] | undefined
  /** Ids of rules, beginnings or patterns; default: all. */
  readonly only?: readonly string[] | undefined
  /** Needs whose rules are left out. */
  readonly without?: readonly string[] | undefined
  readonly faults: Omit<FaultRunOptions, 'only' | 'rules'>
}

/** What was found on all set-ups together. */
export interface SetUpsFaultReport extends FaultReport {
  /** Name of the target, with its release. */
  readonly target: string
}

/**
 * Injects faults on each set-up of a target, one after the other: on the first into all rules, on the others into those
 * that could not be run yet, for want of what the set-up has.
 * @throws Error when a target does not start
 */
export async function injectIntoSetUps(options: InjectionOptions): Promise<SetUpsFaultReport> {
  const { only, without = [], faults } = options
  const tried: RuleFaults[] = []
  const among = options.rules ?? allRules()
  let rules = among.filter(({ id }) => only?.some((name) => fitsId(id, name)) ?? true)
  let skipped: FaultReport['skipped'] = []
  // Drawn once: what one set-up chose is chosen again by the seed of the report.
  const { seed = randomInt(MAX_SEED) } = faults
  let durationMs = 0
  let name = options.target
  for (const profile of options.setUps) {
    if (rules.length === 0 || faults.signal?.aborted === true) break
    const target = await startTarget(options.target, { profile, parentFolder: memoryFolder() })
    try {
      const whole = conformanceTarget(target)
      const provides = whole.provides?.filter((need) => !without.includes(need))
      const report = await runFaults({ ...whole, provides }, { ...faults, seed, rules })
      tried.push(...report.rules)
      skipped = report.skipped
      rules = skipped.map(({ rule }) => rule)
      durationMs += report.durationMs
      name = target.name
    } finally {
      await target.remove()
    }
  }
  return { ...faultReport(tried, { skipped, seed, durationMs }), target: name }
}
