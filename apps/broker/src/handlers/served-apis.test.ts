import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { allHandlers } from './index.js'

const columns = 3

/** Rows of the README's table of APIs, to be read from top to bottom, with their versions. */
const servedApis = (): string[] => {
  const cells = allHandlers
    .map(
      ({ api, versions: { min, max } }) => `${api.name} | ${min === max ? min : `${min}–${max}`}`,
    )
    .sort()
  const height = Math.ceil(cells.length / columns)
  return Array.from({ length: height }, (_, row) => {
    const ofRow = Array.from({ length: columns }, (_, column) => cells[column * height + row])
    return `| ${ofRow.map((cell) => cell ?? '| ').join(' | ')} |`
  })
}

it('are those of the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const table = /^\| API .*\n\| -.*\n((?:\|.*\n)+)/m.exec(readme)?.[1] ?? ''
  const withoutPadding = (row: string): string => row.replace(/ +/g, ' ')
  expect(table.trimEnd().split('\n').map(withoutPadding)).toEqual(servedApis().map(withoutPadding))
})
