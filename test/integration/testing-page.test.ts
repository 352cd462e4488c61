import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const page = readFileSync(pathOf('../../apps/broker/TESTING.md'), 'utf8')

/** The page's blocks of a language, as they stand. */
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code as string,
  )

describe('the page on testing', () => {
  it('shows a vitest test that is one of ours', () => {
    expect(blocks('typescript')).toEqual([readFileSync(pathOf('orders.example.test.ts'), 'utf8')])
  })

  it.each(blocks('js').map((code, index) => [index + 1, code] as const))(
    'has example %i, which runs',
    (index, code) => {
      const file = pathOf(`testing-page-example-${process.pid}-${index}.mjs`)
      onTestFinished(() => rmSync(file, { force: true }))
      writeFileSync(file, code)
      const tsx = ['--import', 'tsx', '--conditions', '@ottla/source', file]
      const output = execFileSync(process.execPath, tsx, { encoding: 'utf8', timeout: 50_000 })
      for (const [, expected] of code.matchAll(/console\.log\(.*\/\/ (.*)$/gm)) {
        expect(output).toContain(expected)
      }
    },
  )
})
