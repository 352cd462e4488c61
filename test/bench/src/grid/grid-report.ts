import type { ClientName } from '../client-process.ts'
import type { Measurement } from '../job.ts'
import { median, spread } from '../median.ts'
import type { Participant } from './participants.ts'
import { centre, settingName } from './setting.ts'

/** A participant under one setting, or at one rate, with a measurement a round. */
export interface GridRow extends Participant {
  readonly setting: string
  readonly measurements: Measurement[]
}

/** What must be said beside any figure. */
export interface About {
  readonly broker: string
  readonly node: string
  readonly machine: string
  readonly versions: string
  readonly command: string
}

type Figure = (measurement: Measurement) => number

const cpuNanoseconds: Figure = ({ cpuSeconds, records }) => (cpuSeconds / records) * 1e9
const perSecond: Figure = ({ records, seconds }) => records / seconds
const p50: Figure = ({ times }) => times?.p50Us ?? Number.NaN
const middle = ({ measurements }: GridRow, figure: Figure): number =>
  median(measurements.map(figure))
/** The head of a column of `spread`: one round has none. */
const withSpread = (figure: string, rows: readonly GridRow[]): string =>
  rows.some(({ measurements }) => measurements.length > 1) ? `${figure} (min–max)` : figure
const nameOf = ({ client, variant }: GridRow): string => `${client} ${variant}`

/** The results as Markdown: the centre of the grid in full, all settings as ratios, and times at fixed rates. */
export function formatGrid(
  rows: readonly GridRow[],
  { broker, node, machine, versions, command }: About,
  missing: ReadonlyMap<ClientName, string>,
): string {
  const of = (kind: Participant['kind']) => rows.filter((row) => row.kind === kind)
  return [
    '# Clients on a grid of settings',
    '',
    'Each client in its best documented way, then in its idiomatic one; no keys, idempotence off. CPU is user and system time of all',
    'threads of the client. `raw bare` is the limit: a bare socket and the codec, and nothing else that makes a client.',
    `Broker: ${broker}. Node ${node}. ${machine}. ${versions}. \`${command}\``,
    ...[...missing].map(([client, reason]) => `Left out: ${client} (${reason}).`),
    '',
    ...formatCentre('produce', of('produce')),
    ...formatCentre('consume', of('consume')),
    ...formatTimes('send at a fixed rate', of('rate')),
    ...formatTimes('due to be sent until in hand', of('end-to-end')),
    ...formatMatrix('produce', of('produce')),
    ...formatMatrix('consume', of('consume')),
  ].join('\n')
}

function formatCentre(kind: string, all: readonly GridRow[]): string[] {
  const name = settingName(kind, centre)
  const rows = all.filter(({ setting }) => setting === name)
  const [first] = rows
  if (first === undefined) return []
  const base = middle(first, cpuNanoseconds)
  return [
    `| ${kind} (${name}) | ${withSpread('CPU ns/record', rows)} | × ours | records/s | peak RSS MB |`,
    '|---|---|---|---|---|',
    ...rows.map((row) => {
      const cells = [
        nameOf(row),
        spread(row.measurements.map(cpuNanoseconds), 0),
        (middle(row, cpuNanoseconds) / base).toFixed(2),
        Math.round(middle(row, perSecond)).toLocaleString('en-US'),
        middle(row, ({ rssMegabytes }) => rssMegabytes).toFixed(0),
      ]
      return `| ${cells.join(' | ')} |`
    }),
    '',
  ]
}

/** A table a rate, each time counted from when the record was due. */
function formatTimes(title: string, all: readonly GridRow[]): string[] {
  return [...new Set(all.map(({ setting }) => setting))].flatMap((rate) => {
    const rows = all.filter(({ setting }) => setting === rate)
    const base = middle(rows[0] as GridRow, p50)
    return [
      `| ${title}, ${rate} | ${withSpread('p50 µs', rows)} | × ours | p99 µs | p99.9 µs | CPU µs each |`,
      '|---|---|---|---|---|---|',
      ...rows.map((row) => {
        const cells = [
          nameOf(row),
          spread(row.measurements.map(p50), 0),
          (middle(row, p50) / base).toFixed(2),
          middle(row, ({ times }) => times?.p99Us ?? Number.NaN).toFixed(0),
          middle(row, ({ times }) => times?.p999Us ?? Number.NaN).toFixed(0),
          (middle(row, cpuNanoseconds) / 1e3).toFixed(0),
        ]
        return `| ${cells.join(' | ')} |`
      }),
      '',
    ]
  })
}

/** Every setting as a row: what a record costs our first way, and the others as multiples of it. */
function formatMatrix(kind: string, all: readonly GridRow[]): string[] {
  const settings = [...new Set(all.map(({ setting }) => setting))]
  const names = [...new Set(all.map(nameOf))]
  if (settings.length < 2) return []
  const lines = settings.map((setting) => {
    const found = names.map((name) =>
      all.find((row) => row.setting === setting && nameOf(row) === name),
    )
    const [first, ...others] = found.map((row) => row && middle(row, cpuNanoseconds))
    const ratios = others.map((each) => (each && first ? (each / first).toFixed(2) : '–'))
    return `| ${[setting, `${first?.toFixed(0)} ns`, ...ratios].join(' | ')} |`
  })
  return [
    `| ${kind}, CPU of a record | ${names.join(' | ')} |`,
    `|${'---|'.repeat(names.length + 1)}`,
    ...lines,
    '',
  ]
}
