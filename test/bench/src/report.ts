import type { Case } from './cases.ts'
import type { Kind, Measurement } from './job.ts'
import { median, spread } from './median.ts'

/** A case with what was measured, a measurement a round. */
export interface Row extends Case {
  measurements: Measurement[]
}

/** What must be said beside any figure. */
export interface Circumstances {
  valueBytes: number
  partitions: number
  broker: string
  node: string
  machine: string
  versions: string
  command: string
}

const cpuNanoseconds = ({ cpuSeconds, records }: Measurement) => (cpuSeconds / records) * 1e9

/** The results as Markdown: medians, the spread of CPU time, and ratios to our first row. */
export function formatReport(rows: readonly Row[], circumstances: Circumstances): string {
  const { valueBytes, partitions, broker, node, machine, versions, command } = circumstances
  const lines = [
    '# Clients side by side',
    '',
    `${valueBytes}-byte values, no key, ${partitions} partitions, no compression, acks=1 (ottla's`,
    '`defaults`: acks=all, idempotent). CPU is user and system time of all threads of the client.',
    '`raw bare` is the limit: a bare socket and the codec, and nothing else that makes a client.',
    `Broker: ${broker}. Node ${node}. ${machine}. ${versions}. \`${command}\``,
    '',
  ]
  for (const table of tables) {
    const own = rows.filter(({ kind }) => kind === table.kind)
    if (own.length > 0) lines.push(...formatTable(own, table), '')
  }
  return lines.join('\n')
}

type Figure = (measurement: Measurement) => number

const p50: Figure = ({ times }) => times?.p50Us ?? 0
const p99: Figure = ({ times }) => times?.p99Us ?? 0
const perSecond: Figure = ({ records, seconds }) => records / seconds

/** How the rows of one kind are shown. */
interface Table {
  readonly kind: Kind
  readonly columns: string
  /** What rows are compared by. */
  readonly figure: Figure
  readonly format: (measurements: readonly Measurement[], ratio: string) => string
}

const byTheBatch = '| CPU ns/record (min–max) | × ours | records/s | peak RSS MB |'
const tables: readonly Table[] = [
  {
    kind: 'produce',
    columns: `| produce ${byTheBatch}`,
    figure: cpuNanoseconds,
    format: formatCpu,
  },
  {
    kind: 'consume',
    columns: `| consume ${byTheBatch}`,
    figure: cpuNanoseconds,
    format: formatCpu,
  },
  {
    kind: 'single',
    columns: '| one send after the other | p50 µs (min–max) | × ours | p99 µs | CPU µs/send |',
    figure: p50,
    format: formatTimes,
  },
  {
    kind: 'concurrent',
    columns: '| sends by 100 callers | sends/s | × ours | p50 µs | p99 µs | CPU µs/send |',
    figure: perSecond,
    format: formatRate,
  },
  {
    kind: 'first-record',
    columns: '| new group to first record | p50 ms (min–max) | × ours | p99 ms | CPU ms each |',
    figure: p50,
    format: formatMilliseconds,
  },
]

/**
 * The rows of a kind, each with its figure as a ratio to the first row's: the median of the ratios of each round, because the
 * machine of one round is more alike than that of two.
 */
function formatTable(rows: readonly Row[], { columns, figure, format }: Table): string[] {
  const base = (rows[0]?.measurements ?? []).map(figure)
  return [
    columns,
    columns.replaceAll(/[^|]+/g, '---'),
    ...rows.map(({ client, variant, measurements }) => {
      const ratios = measurements.map((one, round) => figure(one) / (base[round] ?? Number.NaN))
      const ratio = median(ratios).toFixed(2)
      return `| ${client} ${variant} | ${format(measurements, ratio)} |`
    }),
  ]
}

function formatCpu(measurements: readonly Measurement[], ratio: string): string {
  const rate = median(measurements.map(perSecond))
  const rss = median(measurements.map(({ rssMegabytes }) => rssMegabytes))
  const cpu = spread(measurements.map(cpuNanoseconds), 0)
  return `${cpu} | ${ratio} | ${Math.round(rate).toLocaleString('en-US')} | ${rss.toFixed(0)}`
}

function formatTimes(measurements: readonly Measurement[], ratio: string): string {
  const cpu = median(measurements.map(cpuNanoseconds)) / 1e3
  const slow = median(measurements.map(p99))
  return `${spread(measurements.map(p50), 0)} | ${ratio} | ${slow.toFixed(0)} | ${cpu.toFixed(0)}`
}

function formatRate(measurements: readonly Measurement[], ratio: string): string {
  const rate = Math.round(median(measurements.map(perSecond))).toLocaleString('en-US')
  const cpu = median(measurements.map(cpuNanoseconds)) / 1e3
  const [half, slow] = [median(measurements.map(p50)), median(measurements.map(p99))]
  return `${rate} | ${ratio} | ${half.toFixed(0)} | ${slow.toFixed(0)} | ${cpu.toFixed(1)}`
}

function formatMilliseconds(measurements: readonly Measurement[], ratio: string): string {
  const cpu = median(measurements.map(cpuNanoseconds)) / 1e6
  const slow = median(measurements.map(p99)) / 1e3
  const times = measurements.map((measurement) => p50(measurement) / 1e3)
  return `${spread(times, 1)} | ${ratio} | ${slow.toFixed(1)} | ${cpu.toFixed(1)}`
}
