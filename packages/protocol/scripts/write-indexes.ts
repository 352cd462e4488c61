import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Text of the `index.ts` of a folder of messages: one re-export per file, in alphabetical order.
 */
export function indexText(folder: string): string {
  const modules = readdirSync(source(folder))
    .filter((name) => name.endsWith('.ts') && name !== 'index.ts' && !name.includes('.test'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort()
  const lines = modules.map((name) => `export * from './${name}.js'`)
  return `// Written by scripts/write-indexes.ts.\n${lines.join('\n')}\n`
}

/** The index as it is. */
export function currentIndex(folder: string): string {
  return readFileSync(source(folder, 'index.ts'), 'utf8')
}

/** Folders whose index this script writes. */
export const INDEXED_FOLDERS = ['messages', 'log-records'] as const

function source(folder: string, file = ''): string {
  return fileURLToPath(new URL(`../src/${folder}/${file}`, import.meta.url))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of INDEXED_FOLDERS) writeFileSync(source(folder, 'index.ts'), indexText(folder))
}
