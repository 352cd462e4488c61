import { median } from '../median.ts'

/** What a case took in the rounds of a comparison: a figure a round, base and branch taken in turn. */
export interface Compared {
  readonly name: string
  readonly base: readonly number[]
  readonly branch: readonly number[]
}

/** How the branch stands to its base. */
export type Verdict = 'same' | 'faster' | 'slower'

/**
 * Slower or faster only if the medians differ by more than the tolerance, and beyond the spread: the best round of the one is
 * worse than the worst round of the other. On a noisy machine rounds spread, and nothing is said that the noise could have said.
 *
 * @param tolerance a share: 0.1 is ten percent
 */
export function verdictOf({ base, branch }: Compared, tolerance: number): Verdict {
  const ratio = median(branch) / median(base)
  if (ratio > 1 + tolerance && Math.min(...branch) > Math.max(...base)) return 'slower'
  if (ratio < 1 / (1 + tolerance) && Math.max(...branch) < Math.min(...base)) return 'faster'
  return 'same'
}

/** The comparison as a table. */
export function formatVerdicts(all: readonly Compared[], tolerance: number): string {
  const spread = (values: readonly number[]) =>
    `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`
  const lines = all.map((one) => {
    const ratio = (median(one.branch) / median(one.base)).toFixed(2)
    const verdict = verdictOf(one, tolerance)
    const shown = verdict === 'same' ? '' : verdict === 'slower' ? '**slower**' : 'faster'
    return `| ${one.name} | ${spread(one.base)} | ${spread(one.branch)} | ${ratio} | ${shown} |`
  })
  return ['| what | base ns | branch ns | × base | |', '|---|---|---|---|---|', ...lines].join('\n')
}
