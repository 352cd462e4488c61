import { type Result, runConformance, runFaults, type Target } from '@ottla/conformance'
import { type KafkaTarget, requires, startTarget } from '@ottla-test/apache-kafka'
import { allSetUps, conformanceTarget, memoryFolder } from '@ottla-test/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MINUTES = 60_000

/** The oracle: a rule that Apache Kafka does not follow is a wrong rule. */
describe.runIf(requires('java', 'maven'))('the conformance suite on Apache Kafka', () => {
  let kafka: KafkaTarget
  let target: Target
  beforeAll(async () => {
    const [profile = []] = allSetUps()
    kafka = await startTarget('apache-kafka', { profile, parentFolder: memoryFolder() })
    target = conformanceTarget(kafka)
  })
  afterAll(() => kafka?.remove())

  const failures = (results: readonly Result[]) =>
    results
      .filter(({ status }) => status === 'failed')
      .map(({ rule, version, failure }) => ({ id: rule.id, version, failure: failure?.message }))

  test(
    'passes in random order, each rule at its newest version',
    async () => {
      const options = { order: 'random', versions: 'newest', asksAgain: true } as const
      const report = await runConformance(target, options)
      const { seed, askedAgain } = report
      if (askedAgain.length > 0) console.warn(`seed ${seed}, asked again:`, failures(askedAgain))
      expect(failures(report.results), `seed ${seed}`).toEqual([])
      expect(report.passed).toBeGreaterThan(1400)
      expect(report.release).toBe('4.4')
    },
    8 * MINUTES,
  )

  test(
    'catches each fault in what some of the rules read',
    async () => {
      const options = { sample: 100, perRule: 3, seed: 7, concurrency: 8 }
      const { rules, caught } = await runFaults(target, options)
      const survivors = rules.flatMap(({ rule, survivors }) =>
        survivors.map((name) => `${rule.id}: ${name}`),
      )
      expect(survivors).toEqual([])
      const untried = rules.filter(({ unusable }) => unusable !== undefined)
      expect(untried.map(({ rule, unusable }) => `${rule.id}: ${unusable}`)).toEqual([])
      expect(caught).toBeGreaterThan(200)
    },
    4 * MINUTES,
  )
})
