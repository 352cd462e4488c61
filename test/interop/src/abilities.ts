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
  tls: "writes and reads over TLS, the broker's certificate checked",
  plain: 'with a password by SASL PLAIN, over TLS',
  'scram-256': 'with a password by SASL SCRAM-SHA-256',
  'scram-512': 'with a password by SASL SCRAM-SHA-512, over TLS',
  transactions: 'writes in transactions, and reads what was committed',
} as const

/** What a client of the matrix is asked to do. */
export type Ability = keyof typeof ABILITIES

/** All of them, in the order of the columns. */
export const abilityNames = Object.keys(ABILITIES) as readonly Ability[]

/** The codecs among them. */
export const codecNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const satisfies Ability[]

/** The ways to be safe among them, and how a client is told to be: the name of a listener, and a mechanism of SASL. */
export const SECURITY = {
  tls: { listener: 'SSL', mechanism: undefined },
  plain: { listener: 'SASL_SSL', mechanism: 'PLAIN' },
  'scram-256': { listener: 'SASL_PLAINTEXT', mechanism: 'SCRAM-SHA-256' },
  'scram-512': { listener: 'SASL_SSL', mechanism: 'SCRAM-SHA-512' },
} as const satisfies Partial<Record<Ability, object>>

/** A way to be safe. */
export type SecurityName = keyof typeof SECURITY

/** All of them. */
export const securityNames = Object.keys(SECURITY) as readonly SecurityName[]

/** Reasons by ability, or one for all of them. */
type Gaps = Readonly<Record<string, string | Readonly<Partial<Record<Ability, string>>>>>

const gaps = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'gaps.json'), 'utf8')) as {
  readonly clients: Gaps
  readonly brokers: Gaps
}

function reasonIn(all: Gaps, name: string, ability: Ability): string | undefined {
  const reasons = all[name]
  if (reasons === undefined) return undefined
  const reason = typeof reasons === 'string' ? reasons : reasons[ability]
  return reason === undefined ? undefined : `${name}: ${reason}`
}

/** Why a client cannot do something on a broker, where that is known: then it is not asked to. `gaps.json` says it. */
export function gapOf(client: string, broker: string, ability: Ability): string | undefined {
  return reasonIn(gaps.clients, client, ability) ?? reasonIn(gaps.brokers, broker, ability)
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
  const cell = ({ client, broker, shown }: Row, ability: Ability): string => {
    const reason = gapOf(client, broker, ability)
    if (reason === undefined) return shown.has(ability) ? 'yes' : 'no'
    if (!reasons.includes(reason)) reasons.push(reason)
    return `gap ${reasons.indexOf(reason) + 1}`
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
