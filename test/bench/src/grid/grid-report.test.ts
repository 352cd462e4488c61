import { expect, test } from 'vitest'
import type { Measurement } from '../job.ts'
import { readRatioTables } from '../plot/ratio-tables.ts'
import { formatGrid, type GridRow } from './grid-report.ts'
import { centre, settingName } from './setting.ts'

const about = { broker: 'b', node: 'n', machine: 'm', versions: 'v', command: 'c' }

const took = (microseconds: number, p50Us?: number): Measurement => ({
  records: 1000,
  seconds: 1,
  cpuSeconds: microseconds / 1000,
  rssMegabytes: 1,
  checksum: 0,
  ...(p50Us === undefined ? {} : { times: { p50Us, p99Us: 2 * p50Us, p999Us: 3 * p50Us } }),
})

const row = (client: GridRow['client'], setting: string, ...all: Measurement[]): GridRow => ({
  kind: 'produce',
  client,
  variant: 'send',
  thousands: 1,
  setting,
  measurements: all,
})

const inCentre = settingName('produce', centre)
const smaller = settingName('produce', { ...centre, valueBytes: 100 })

test('compares the medians of the centre with those of the first row', () => {
  const rows = [
    row('ottla', inCentre, took(1), took(3), took(2)),
    row('kafkajs', inCentre, took(20), took(10), took(90)),
  ]
  const [table] = readRatioTables(formatGrid(rows, about, new Map()))
  expect(table?.rows).toEqual([
    { label: 'ottla send', ratio: 1 },
    { label: 'kafkajs send', ratio: 10 },
  ])
})

test('shows other settings as multiples, with a dash where nothing was measured', () => {
  const rows = [
    row('ottla', inCentre, took(2)),
    row('kafkajs', inCentre, took(10)),
    row('ottla', smaller, took(1)),
  ]
  const report = formatGrid(rows, about, new Map())
  expect(report).toContain(`| ${inCentre} | 2000 ns | 5.00 |`)
  expect(report).toContain(`| ${smaller} | 1000 ns | – |`)
})

test('shows times at a rate, and who was left out and why', () => {
  const rows = [
    { ...row('ottla', '1000/s', took(2, 50), took(2, 40), took(2, 70)), kind: 'rate' as const },
  ]
  const report = formatGrid(rows, about, new Map([['confluent', 'no compiler']]))
  expect(report).toContain('| ottla send | 50 (40–70) | 1.00 | 100 | 150 | 2 |')
  expect(report).toContain('Left out: confluent (no compiler).')
})

test('shows no spread of a single round', () => {
  const rate = { ...row('ottla', '1000/s', took(2, 50)), kind: 'rate' as const }
  const report = formatGrid([row('ottla', inCentre, took(2)), rate], about, new Map())
  expect(report).toContain('| ottla send | 2000 | 1.00 | 1,000 | 1 |')
  expect(report).toContain('| ottla send | 50 | 1.00 | 100 | 150 | 2 |')
  expect(report).not.toContain('min–max')
})
