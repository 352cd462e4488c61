import { expect, test } from 'vitest'
import { drawBars } from './draw-bars.ts'
import { readRatioTables } from './ratio-tables.ts'

const page = [
  '# Clients',
  '',
  '| produce | CPU ns/record (min–max) | × ours | records/s |',
  '|---|---|---|---|',
  '| ottla enqueue | 300 (290–310) | 1.00 | 2,000,000 |',
  '| a < b & c | 6000 (5900–6100) | 20.00 | 160,000 |',
  '',
  '| broker | idle MB |',
  '|---|---|',
  '| ottla | 65 |',
  '',
  '| fetch | requests/s | × ours |',
  '|---|---|---|',
  '| ottla | 100 | 1.00 |',
  '| gone | – | NaN |',
].join('\n')

test('reads the tables that have ratios, and of them the rows that have one', () => {
  expect(readRatioTables(page)).toEqual([
    {
      title: 'produce',
      figure: 'CPU ns/record',
      rows: [
        { label: 'ottla enqueue', ratio: 1 },
        { label: 'a < b & c', ratio: 20 },
      ],
    },
    { title: 'fetch', figure: 'requests/s', rows: [{ label: 'ottla', ratio: 1 }] },
  ])
})

test('draws a bar a row, as long as its ratio, and says what is better', () => {
  const svg = drawBars(readRatioTables(page))
  const widths = [...svg.matchAll(/<rect class="(\w+)".*? width="([\d.]+)"/g)]
  expect(widths.map(([, kind, width]) => [kind, Number(width)])).toEqual([
    ['ours', 23.5],
    ['peer', 470],
    ['ours', 470],
  ])
  expect(svg).toContain('CPU ns/record, as a multiple of ours (less is better)')
  expect(svg).toContain('requests/s, as a multiple of ours (more is better)')
  expect(svg).toContain('a &lt; b &amp; c')
})
