import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

/** The command and flags that every client of the matrix takes. */
export function readFlags() {
  const string = { type: 'string' }
  const options = {
    bootstrap: string,
    topic: string,
    codec: string,
    idempotent: string,
    group: string,
    assignor: string,
    protocol: string,
    ca: string,
    mechanism: string,
    username: string,
    password: string,
    'class-path': string,
  }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  return { command: positionals[0], ...values }
}

/** What the flags ask for as options of a client of Node.js: `tls` and `sasl`, undefined where they are not asked for. */
export function security({ protocol = 'PLAINTEXT', ca, mechanism, username, password }) {
  return {
    tls: protocol.endsWith('SSL') ? { ca: readFileSync(ca, 'utf8') } : undefined,
    sasl: mechanism && { mechanism, username, password },
  }
}

/** One line of the report. */
export function tell(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Partitions of the topic that the command `admin` creates. */
export const PARTITIONS = 3

/** The records of the input: keys and values. */
export async function records() {
  const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [key, value] = line.split('\t')
    return { key, value }
  })
}

/** Resolves when the input ends: then a member leaves. */
export const inputEnded = () => text(process.stdin)
