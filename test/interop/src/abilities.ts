import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The columns of the matrix. */
export const ABILITIES = {
  none: 'writes and reads uncompressed batches',
  gzip: 'with gzip',
  snappy: 'with snappy',
  lz4: 'with lz4',
  zstd: 'with zstd',
  consume: 'reads every record once, in the order of its key',
  keys: "puts a key on the partition that Java's producer would choose",
  idempotence: 'produces idempotently',
  group: 'shares a topic with another member, which joins, and takes its part when it leaves',
  resume: 'commits, and goes on where the group was',
  admin: 'creates, describes and deletes a topic',
} as const

/** What a client of the matrix is asked to do. */
export type Ability = keyof typeof ABILITIES

/** All of them, in the order of the columns. */
export const abilityNames = Object.keys(ABILITIES) as readonly Ability[]

/** The codecs among them. */
export const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const satisfies Ability[]

type Gaps = Readonly<Record<string, Readonly<Partial<Record<Ability, string>>>>>

const gaps = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'gaps.json'), 'utf8')) as Gaps

/** Why a client cannot do something, where that is known: then it is not asked to. `gaps.json` says it. */
export function gapOf(client: string, ability: Ability): string | undefined {
  return gaps[client]?.[ability]
}

/** A line of the matrix. */
export interface Row {
  readonly client: string
  readonly version: string
  readonly broker: string
  /** What it was seen to do. */
  readonly shown: ReadonlySet<Ability>
}

/** The matrix as a page of Markdown: `yes`, `no`, or the number of the reason why it is not asked. */
export function matrixPage(rows: readonly Row[]): string {
  const reasons: string[] = []
  const cell = ({ client, shown }: Row, ability: Ability): string => {
    const reason = gapOf(client, ability)
    if (reason === undefined) return shown.has(ability) ? 'yes' : 'no'
    const text = `${client}: ${reason}`
    if (!reasons.includes(text)) reasons.push(text)
    return `gap ${reasons.indexOf(text) + 1}`
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const lines = rows.map((row) =>
    line([row.client, row.version, row.broker, ...abilityNames.map((each) => cell(row, each))]),
  )
  return [
    '# Who works with whom',
    '',
    'Written by `pnpm --filter @ottla-test/interop matrix -u`; every other run of the suite holds it to what it sees.',
    '',
    line(['client', 'version', 'broker', ...abilityNames]),
    line(['---', '---', '---', ...abilityNames.map(() => '---')]),
    ...lines,
    '',
    'Known gaps, which are not asked for:',
    '',
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
    '',
    'What the columns mean:',
    '',
    ...abilityNames.map((name) => `- ${name}: ${ABILITIES[name]}`),
    '',
  ].join('\n')
}
