import { expect, it } from 'vitest'
import { soak } from './src/soak.js'

const minutes = Number(process.env.OTTLA_SOAK_MINUTES ?? 5)
const seed = Number(process.env.OTTLA_SEED ?? Date.now() % 1_000_000)
const growth = 1.2

it(`loses, repeats and reorders nothing in ${minutes} minutes of faults (OTTLA_SEED=${seed})`, async () => {
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const report = await soak({ seed, seconds: minutes * 60, recordsPerSecond: 1000, log })
  console.log(JSON.stringify(report))
  expect(report.violations).toEqual([])
  expect(report.inLog).toBe(report.acknowledged)
  expect(report.read - report.readAgain).toBe(report.inLog)
  // Over minutes memory still finds its level; over an hour it must have found it.
  if (minutes < 30) return
  const { brokerMegabytes, writerMegabytes } = report
  expect(brokerMegabytes.late).toBeLessThanOrEqual(brokerMegabytes.early * growth)
  expect(writerMegabytes.late).toBeLessThanOrEqual(writerMegabytes.early * growth)
})
