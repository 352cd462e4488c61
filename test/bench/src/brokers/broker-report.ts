import { median, spread } from '../median.ts'
import type { LoadJob, LoadResult } from './load.ts'

/** A load that every broker gets. */
export interface LoadCase {
  label: string
  kind: LoadJob['kind']
  bytes: number
  inFlight: number
}

export const loadCases: readonly LoadCase[] = [
  { label: '1 KB batches, 50 in flight', kind: 'produce', bytes: 1000, inFlight: 50 },
  { label: '16 KB batches, 20 in flight', kind: 'produce', bytes: 16_384, inFlight: 20 },
  { label: '100 KB batches, 5 in flight', kind: 'produce', bytes: 100_000, inFlight: 5 },
  { label: '1 MB batches, 3 in flight', kind: 'produce', bytes: 1_000_000, inFlight: 3 },
  { label: '1 KB batch, one at a time', kind: 'round-trip', bytes: 1000, inFlight: 1 },
  { label: 'Metadata, one at a time', kind: 'metadata', bytes: 1000, inFlight: 1 },
  { label: 'fetch, at most 1 MB', kind: 'fetch', bytes: 1_000_000, inFlight: 1 },
  { label: 'fetch, at most 10 MB', kind: 'fetch', bytes: 10_000_000, inFlight: 1 },
]

/** A broker with all that was measured, an entry a round. */
export interface BrokerRow {
  name: string
  /** From the start of the process to its first Metadata answer, as the starting process sees it. */
  startMs: number[]
  idleMegabytes: number[]
  loadedMegabytes: number[]
  cases: Map<LoadCase, (LoadResult & { cpuSeconds: number })[]>
}

/** What must be said beside any figure. */
interface Circumstances {
  node: string
  machine: string
  command: string
}

/** The results as Markdown: medians with their spread, and ratios to our first row. */
export function formatBrokers(rows: readonly BrokerRow[], circumstances: Circumstances): string {
  const { machine, node, command } = circumstances
  const lines = [
    '# Brokers side by side',
    '',
    'The broker on one core, a raw load on the other; one connection, one partition, acks=1, values of 100 bytes,',
    'no compression. CPU is user and system time of the broker while the load ran. Medians, with the lowest and highest round.',
    `${machine}. Load: Node ${node}. \`${command}\``,
    '',
    '| broker | ms to its first answer | idle MB | MB after the load |',
    '|---|---|---|---|',
    ...rows.map(
      ({ name, startMs, idleMegabytes, loadedMegabytes }) =>
        `| ${name} | ${spread(startMs, 0)} | ${spread(idleMegabytes, 0)} | ${spread(loadedMegabytes, 0)} |`,
    ),
    '',
  ]
  for (const one of loadCases) {
    const base = rows[0]?.cases.get(one) ?? []
    lines.push(
      `| ${one.label} | requests/s | × ours | MB/s | CPU µs each | CPU s/GB | p50 / p99 µs |`,
      '|---|---|---|---|---|---|---|',
      ...rows.map(({ name, cases }) => formatCase(name, cases.get(one) ?? [], base)),
      '',
    )
  }
  return lines.join('\n')
}

type Measured = LoadResult & { cpuSeconds: number }

function formatCase(name: string, all: readonly Measured[], base: readonly Measured[]): string {
  const rate = ({ requests, seconds }: Measured) => requests / seconds
  const rates = all.map(rate)
  const ratio = median(rates) / median(base.map(rate))
  const megabytes = all.map(({ bytes, seconds }) => bytes / 1e6 / seconds)
  const each = all.map(({ cpuSeconds, requests }) => (cpuSeconds / requests) * 1e6)
  const perGigabyte = all.map(({ cpuSeconds, bytes }) => cpuSeconds / (bytes / 1e9))
  const p50 = median(all.map(({ p50Us }) => p50Us))
  const p99 = median(all.map(({ p99Us }) => p99Us))
  const times = p50 > 0 ? `${p50.toFixed(0)} / ${p99.toFixed(0)}` : '–'
  return `| ${name} | ${spread(rates, 0)} | ${ratio.toFixed(2)} | ${median(megabytes).toFixed(0)} | ${spread(each, 1)} | ${median(perGigabyte).toFixed(2)} | ${times} |`
}
