// What the codec costs: pnpm bench:codec [--only TEXT] [--samples 9] [--sample-ms 20] [--write]
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from '../circumstances.ts'
import { median, spread } from '../median.ts'
import { codecCases, decodeLargeMessage, yardstick } from './codec-cases.ts'
import { codecOf, runCodec } from './run-codec.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    samples: { type: 'string', default: '9' },
    'sample-ms': { type: 'string', default: '20' },
    write: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '../../../..')
const chosen = codecCases.filter(({ name }) => name.includes(flags.only))
const result = await runCodec({
  protocol: codecOf(root),
  names: chosen.map(({ name }) => name),
  samples: Number(flags.samples),
  sampleMs: Number(flags['sample-ms']),
})
/** The codec's time for a message as a share of JSON's; undefined when one of them was not measured. */
const shareOfJson = (): string | undefined => {
  const [own, json] = [result[decodeLargeMessage], result[yardstick.name]]
  if (own === undefined || json === undefined) return undefined
  return `Decoding that Metadata takes ${(median(own) / median(json)).toFixed(2)} of the time of JSON.parse for the same as text.`
}
const report = [
  '# The codec',
  '',
  'Nanoseconds of CPU time, the median of the samples, with the least and the most. Records are of 100 bytes with a key of 8, 1,000 to a batch.',
  `${machine()}. Node ${process.version}. \`pnpm bench:codec\``,
  '',
  '| what | unit | ns (min–max) |',
  '|---|---|---|',
  ...chosen.map(({ name, unit }) => `| ${name} | ${unit} | ${spread(result[name] ?? [], 1)} |`),
  '',
  shareOfJson() ?? '',
  '',
].join('\n')
console.log(report)
if (flags.write && flags.only === '') {
  const results = join(import.meta.dirname, '../../results')
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'codec.md'), report)
}
