// A mixed load with faults for as long as asked, and what came of it.
//
//   pnpm soak [--minutes 60] [--seed N] [--rate 1000]
import { parseArgs } from 'node:util'
import { soak } from './soak.js'

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rate: { type: 'string', default: '1000' },
  },
})
const report = await soak({
  seed: Number(flags.seed),
  seconds: Number(flags.minutes) * 60,
  recordsPerSecond: Number(flags.rate),
  log: (line) => console.error(`${new Date().toISOString()} ${line}`),
})
console.log(JSON.stringify(report, null, 2))
process.exitCode = report.violations.length === 0 ? 0 : 1
