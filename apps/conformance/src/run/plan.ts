import { compareReleases } from '../releases/index.js'
import type { Need } from '../rules/need.js'
import type { Rule } from '../rules/rule.js'
import type { Advertised } from './advertised.js'
import { usableVersions } from './advertised.js'
import type { Execution } from './rule-execution.js'

/** What is to be run, and what is not and why. */
export interface Plan {
  readonly executions: readonly Execution[]
  readonly skipped: readonly { readonly rule: Rule; readonly reason: string }[]
}

/** What a plan depends on. */
export interface PlanOptions {
  readonly rules: readonly Rule[]
  readonly advertised: Advertised
  readonly release: string
  readonly provides: readonly Need[]
  /** `newest`: each rule once, at its newest version. Default: at all. */
  readonly versions?: 'all' | 'newest' | undefined
}

/** One execution for each version of a rule that the target has; rules that it cannot be held to are skipped. */
export function planRun(options: PlanOptions): Plan {
  const { rules, advertised, release, provides } = options
  const executions: Execution[] = []
  const skipped: { rule: Rule; reason: string }[] = []
  for (const rule of rules) {
    const versions = versionsOf(rule, advertised)
    const chosen = options.versions === 'newest' ? versions.all.slice(-1) : versions.all
    const reason = releaseReason(rule, release) ?? needReason(rule, provides) ?? versions.reason
    if (reason !== undefined) skipped.push({ rule, reason })
    else executions.push(...chosen.map((version) => ({ rule, version })))
  }
  return { executions, skipped }
}

/** Releases before advertise these as previews, and refuse them unless they are told otherwise. */
const since: Readonly<Record<string, string>> = {
  ConsumerGroupHeartbeat: '4.0',
  ConsumerGroupDescribe: '4.0',
}

function releaseReason({ releases, apis }: Rule, release: string): string | undefined {
  const { until } = releases ?? {}
  const from = releases?.from ?? apis.map(({ name }) => since[name]).find(Boolean)
  if (from !== undefined && compareReleases(release, from) < 0) {
    return `holds from release ${from} on, not for ${release}`
  }
  if (until !== undefined && compareReleases(release, until) > 0) {
    return `holds until release ${until}, not for ${release}`
  }
  return undefined
}

function needReason({ needs = [] }: Rule, provides: readonly Need[]): string | undefined {
  const unmet = needs.filter((need) => !provides.includes(need))
  return unmet.length === 0 ? undefined : `needs ${unmet.join(', ')}`
}

function versionsOf(
  { apis, versions = {} }: Rule,
  advertised: Advertised,
): { readonly all: readonly number[]; readonly reason?: string } {
  const missing = apis.filter((api) => usableVersions(advertised, api) === undefined)
  const range = usableVersions(advertised, apis[0])
  if (missing.length > 0 || range === undefined) {
    const reason = `does not advertise ${missing.map((api) => api.name).join(', ')}`
    return { all: [], reason }
  }
  if (versions === 'newest') return { all: [range.max] }
  const min = Math.max(versions.min ?? 0, range.min)
  const max = Math.min(versions.max ?? range.max, range.max)
  if (min <= max) return { all: Array.from({ length: max - min + 1 }, (_, index) => min + index) }
  const asked = `${versions.min ?? 0} to ${versions.max ?? 'any'}`
  return { all: [], reason: `has no version of ${apis[0].name} in ${asked}` }
}
