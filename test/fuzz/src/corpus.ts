import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An input that is kept. */
export interface Kept {
  readonly name: string
  readonly hex: string
}

const folder = join(import.meta.dirname, '..', 'corpus')

/**
 * What is kept for a fuzzer, in `corpus/<fuzzer>/<name>.hex`: lines of hexadecimal digits, `#` begins a remark, and `"…"` is a
 * line of text, the label.
 */
export function readCorpus(fuzzer: string): Kept[] {
  const own = join(folder, fuzzer)
  if (!existsSync(own)) return []
  return readdirSync(own)
    .filter((file) => file.endsWith('.hex'))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), hex: hexOf(readFileSync(join(own, file), 'utf8')) }))
}

const hexOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) =>
      line.startsWith('"')
        ? Buffer.from(`${line.slice(1, -1)}\n`, 'latin1').toString('hex')
        : line.replaceAll(/\s/g, ''),
    )
    .join('')
