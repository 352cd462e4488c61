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
  }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  return { command: positionals[0], ...values }
}

/** One line of the report. */
export function tell(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
