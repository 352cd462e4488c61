import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { allHandlers } from './index.js'

it('lists every handler file, as its script writes it', () => {
  const script = fileURLToPath(new URL('../../scripts/write-handlers-index.mjs', import.meta.url))
  execFileSync(process.execPath, [script, '--check'])
})

it('serves each API once', () => {
  const keys = allHandlers.map(({ api }) => api.key)
  expect(new Set(keys).size).toBe(keys.length)
})
