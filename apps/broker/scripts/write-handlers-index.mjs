// Writes src/handlers/index.ts: the table of every served API, one handler file each. `--check` only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../src/handlers/', import.meta.url)
const target = new URL('index.ts', folder)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts')
  .map((name) => name.slice(0, -'.ts'.length))
  .sort()
const exportOf = (name) => `${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}Handler`
const text = `// Written by scripts/write-handlers-index.mjs.
import type { Handler } from '../server/handler.js'
${names.map((name) => `import { ${exportOf(name)} } from './${name}.js'`).join('\n')}

/** Every API this broker serves. */
export const allHandlers: readonly Handler[] = [
${names.map((name) => `  ${exportOf(name)},`).join('\n')}
]
`
if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(target, 'utf8') === text
  if (!isCurrent)
    console.error('src/handlers/index.ts is stale: run node scripts/write-handlers-index.mjs')
  process.exitCode = isCurrent ? 0 : 1
} else writeFileSync(target, text)
