// Brokers with 1,000 and 10,000 partitions, side by side under the same raw requests. Needs a build.
//
//   pnpm bench:partitions [--count 1000 --count 10000] [--only NAME] [--write]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type KafkaTarget,
  newestNode,
  startApacheKafka,
  startKfake,
  startOttlaBroker,
} from '@ottla-test/apache-kafka'
import { machine } from '../circumstances.ts'
import { writePlot } from '../plot/write-plot.ts'
import { type ManyPartitions, measureMany } from './measure-many.ts'

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', multiple: true, default: ['1000', '10000'] },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})
/** The first one is what ratios refer to. */
const brokers: readonly { name: string; start: () => Promise<KafkaTarget> }[] = [
  { name: 'ottla, on disk', start: async () => startOttlaBroker({ node: await newestNode() }) },
  { name: 'kfake, in memory', start: () => startKfake() },
  { name: 'kfake, on disk', start: () => startKfake({ onDisk: true }) },
  {
    name: 'Apache Kafka',
    start: () => startApacheKafka({ jvmArgs: ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC'] }),
  },
]
const columns = [
  'created, s',
  '× ours',
  'first record to each, s',
  'second, s',
  'MB',
  'idle CPU %',
  'open files',
  'restart, s',
]

const report = [
  '# Brokers with many partitions',
  '',
  'Topics of ten partitions, one replica, acks=all. Created: until the last and a hundred others took a record. Records to each are all in flight',
  'at once. Restart: a clean stop and start, until a hundred partitions took a record. Broker and load share the cores.',
  `${machine()}. \`pnpm bench:partitions\``,
  '',
]
for (const count of flags.count.map(Number)) report.push(...(await measureAll(count)), '')
console.log(report.join('\n'))
if (flags.write && flags.only === '') {
  const results = join(import.meta.dirname, '../../results')
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'partitions.md'), report.join('\n'))
  writePlot(join(results, 'partitions.md'))
}
process.exit(0)

async function measureAll(count: number): Promise<string[]> {
  const lines: string[] = []
  let base = Number.NaN
  for (const { name, start } of brokers.filter((one) => one.name.includes(flags.only))) {
    const target = await start()
    try {
      const figures = await measureMany(target, count)
      if (lines.length === 0) base = figures.createdSeconds
      lines.push(format(name, figures, base))
    } catch (error) {
      // Some have limits: that is a result, too.
      console.error(`${name}: ${String(error)}`)
      lines.push(`| ${[name, ...columns.map(() => 'failed')].join(' | ')} |`)
    } finally {
      await target.remove()
    }
    console.error(lines.at(-1))
  }
  const heading = `${count.toLocaleString('en-US')} partitions`
  return [
    `| ${[heading, ...columns].join(' | ')} |`,
    `|${'---|'.repeat(columns.length + 1)}`,
    ...lines,
  ]
}

function format(name: string, figures: ManyPartitions, base: number): string {
  const cells = [
    figures.createdSeconds.toFixed(2),
    (figures.createdSeconds / base).toFixed(2),
    figures.firstToEachSeconds.toFixed(2),
    figures.secondToEachSeconds.toFixed(2),
    figures.megabytes.toFixed(0),
    figures.idlePercent.toFixed(1),
    String(figures.openFiles),
    Number.isNaN(figures.restartSeconds) ? '–' : figures.restartSeconds.toFixed(2),
  ]
  return `| ${[name, ...cells].join(' | ')} |`
}
