import { type TargetProfile, targetProfiles } from '@ottla-test/apache-kafka'

/** Profiles that a broker is started with at once. */
export type SetUp = readonly TargetProfile[]

/** What changes a cluster as a whole, so that it does not go with others. */
const APART: readonly SetUp[] = [
  ['transaction-version-1'],
  ['three-nodes'],
  ['no-topic-deletion', 'no-delegation-tokens'],
]

/** The fewest set-ups that have each profile once: first what goes together, which runs the most rules. */
export function allSetUps(): SetUp[] {
  const together = targetProfiles.filter((name) => !APART.flat().includes(name))
  return [together, ...APART]
}

/** The name of a set-up in tables. */
export const setUpName = (profiles: SetUp): string => profiles.join(' + ') || 'plain'
