import {
  allRules,
  type FaultReport,
  faultReport,
  type Rule,
  type RuleFaults,
} from '@ottla/conformance'

/** One run of the injection, as it was asked for. */
export interface FaultRun {
  /** Name of the target, with its release. */
  readonly target: string
  /** Arguments of the command. */
  readonly command: string
  /** The commit whose rules they were; a star says that files differed from it. */
  readonly commit: string
  /** Such as `2026-11-23`. */
  readonly date: string
  readonly seed: number
  readonly seconds: number
}

/** What is known of every rule, each from the last run that tried it. */
export interface StoredFaults {
  readonly runs: readonly FaultRun[]
  /** By the id of the rule; `run` counts from 0. */
  readonly tried: ReadonlyMap<string, { readonly run: number; readonly faults: RuleFaults }>
  /** Why rules could not be tried. */
  readonly skipped: ReadonlyMap<string, string>
}

/** Nothing known yet. */
export const noFaults: StoredFaults = { runs: [], tried: new Map(), skipped: new Map() }

/** Adds a run: what it tried takes the place of what was known of those rules. Runs that nothing is left of are dropped. */
export function addRun(
  before: StoredFaults,
  run: FaultRun,
  { rules, skipped }: Pick<FaultReport, 'rules' | 'skipped'>,
): StoredFaults {
  const tried = new Map(before.tried)
  const reasons = new Map(before.skipped)
  for (const { rule, reason } of skipped) reasons.set(rule.id, reason)
  for (const faults of rules) tried.set(faults.rule.id, { run: before.runs.length, faults })
  for (const id of tried.keys()) reasons.delete(id)
  const runs = [...before.runs, run]
  const left = [...runs.keys()].filter((at) => [...tried.values()].some((one) => one.run === at))
  const moved = [...tried].map(([id, one]) => [id, { ...one, run: left.indexOf(one.run) }] as const)
  return {
    runs: runs.filter((_, at) => left.includes(at)),
    tried: new Map(moved),
    skipped: reasons,
  }
}

/** Rules that nothing is known of, or that could not be tried. */
export function rulesLeft({ tried }: StoredFaults): readonly Rule[] {
  return allRules().filter(({ id }) => {
    const known = tried.get(id)?.faults
    return known === undefined || known.unusable !== undefined
  })
}

/** The sums over what is known of rules; default: all that there are. */
export function reportOf(
  { runs, tried, skipped }: StoredFaults,
  rules: readonly Rule[] = allRules(),
): FaultReport {
  const reasonOf = ({ id }: Rule) => skipped.get(id) ?? 'is newer than the runs'
  const untried = rules.filter(({ id }) => !tried.has(id))
  return faultReport(
    rules.flatMap(({ id }) => tried.get(id)?.faults ?? []),
    {
      skipped: untried.map((rule) => ({ rule, reason: reasonOf(rule) })),
      seed: runs[0]?.seed ?? 0,
      durationMs: runs.reduce((sum, { seconds }) => sum + seconds * 1000, 0),
    },
  )
}

/** A line of the file, of a rule that was tried. */
interface TriedLine extends Omit<RuleFaults, 'rule' | 'handWritten' | 'unmet'> {
  readonly rule: string
  readonly run: number
  readonly handWritten: Readonly<Record<string, 'judged' | 'in vain' | 'survived'>>
}

/** A line of the file, of one that was not. */
interface SkippedLine {
  readonly rule: string
  readonly reason: string
}

/** As lines of JSON: the runs, then one for each rule, by their ids. */
export function encodeFaults({ runs, tried, skipped }: StoredFaults): string {
  const lines = [...tried].map(([rule, { run, faults }]) => {
    const { rule: _, handWritten, ...rest } = faults
    return { rule, run, ...rest, handWritten: Object.fromEntries(handWritten) }
  })
  const reasons = [...skipped].map(([rule, reason]): SkippedLine => ({ rule, reason }))
  const sorted = [...lines, ...reasons].sort((a, b) => (a.rule < b.rule ? -1 : 1))
  return [{ runs }, ...sorted].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/**
 * Reads what {@link encodeFaults} wrote. Rules that are there no more are left out.
 * @throws SyntaxError when it is no such text
 */
export function decodeFaults(text: string): StoredFaults {
  const [first = '', ...rest] = text.trimEnd().split('\n')
  const { runs } = JSON.parse(first) as Pick<StoredFaults, 'runs'>
  const byId = new Map(allRules().map((rule) => [rule.id, rule]))
  const tried = new Map<string, { run: number; faults: RuleFaults }>()
  const skipped = new Map<string, string>()
  for (const one of rest) {
    const line = JSON.parse(one) as TriedLine | SkippedLine
    const rule = byId.get(line.rule)
    if (rule === undefined) continue
    if ('reason' in line) skipped.set(rule.id, line.reason)
    else {
      const { run, handWritten, ...faults } = line
      const known = new Map(Object.entries(handWritten))
      tried.set(rule.id, { run, faults: { ...faults, rule, handWritten: known } })
    }
  }
  return { runs, tried, skipped }
}
