import type { Case } from './cases.ts'
import type { Measurement } from './job.ts'

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
  command: string
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

const cpuNanoseconds = ({ cpuSeconds, records }: Measurement) => (cpuSeconds / records) * 1e9

/** The results as Markdown: medians, the spread of CPU time, and ratios to our first row. */
export function formatReport(rows: readonly Row[], circumstances: Circumstances): string {
  const { valueBytes, partitions, broker, node, machine, command } = circumstances
  const lines = [
    '# Clients side by side',
    '',
    `${valueBytes}-byte values, no key, ${partitions} partitions, no compression, acks=1 (ottla's`,
    '`defaults`: acks=all, idempotent). CPU is user and system time of all threads of the client.',
    `Broker: ${broker}. Node ${node}. ${machine}. \`${command}\``,
    '',
  ]
  for (const kind of ['produce', 'consume'] as const) {
    const own = rows.filter((row) => row.kind === kind)
    const base = median((own[0] as Row).measurements.map(cpuNanoseconds))
    lines.push(
      `| ${kind} | CPU ns/record (min–max) | × ours | records/s | peak RSS MB |`,
      '|---|---|---|---|---|',
      ...own.map((row) => formatRow(row, base)),
      '',
    )
  }
  return lines.join('\n')
}

function formatRow({ client, variant, measurements }: Row, base: number): string {
  const cpu = measurements.map(cpuNanoseconds)
  const rate = median(measurements.map(({ records, seconds }) => records / seconds))
  const rss = median(measurements.map(({ rssMegabytes }) => rssMegabytes))
  const spread = `${Math.min(...cpu).toFixed(0)}–${Math.max(...cpu).toFixed(0)}`
  return `| ${client} ${variant} | ${median(cpu).toFixed(0)} (${spread}) | ${(median(cpu) / base).toFixed(1)} | ${Math.round(rate).toLocaleString('en-US')} | ${rss.toFixed(0)} |`
}
