import type { Answer } from './work.js'

interface Row {
  executions: number
  spentMs: number
  findings: number
}

/** Counts what the fuzzers did, and prints each finding once. */
export class Tally {
  findings = 0
  readonly #rows = new Map<string, Row>()
  readonly #seen = new Set<string>()

  add(fuzzer: string, { executions, finding }: Answer, spentMs: number, source?: string): void {
    const row = this.#rows.get(fuzzer) ?? { executions: 0, spentMs: 0, findings: 0 }
    this.#rows.set(fuzzer, row)
    row.executions += executions
    row.spentMs += spentMs
    if (finding === undefined) return
    row.findings += 1
    this.findings += 1
    const { what, seed, path, hex } = finding
    // The same fault met again differs in its numbers.
    const key = `${fuzzer} ${what.split('\n')[0]?.replaceAll(/\d+/g, '0')}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    console.log(`\n${fuzzer}: ${what}`)
    if (source !== undefined) console.log(`  kept as: ${source}`)
    if (seed !== undefined) {
      console.log(`  again: --only ${fuzzer} --seed ${seed} --path '${path ?? ''}'`)
    }
    // What is found at the end is of no one input.
    if (hex !== '') console.log(`  its input: --only ${fuzzer} --input ${hex}`)
  }

  /** A row for each fuzzer, in Markdown. */
  table(): string {
    const rows = [...this.#rows].map(([name, { executions, spentMs, findings }]) => {
      const rate = spentMs > 0 ? Math.round((executions * 1000) / spentMs) : 0
      const numbers = [executions, rate, findings].map((number) => number.toLocaleString('en-US'))
      return `| ${[name, ...numbers].join(' | ')} |`
    })
    return [
      '| fuzzer | executions | a second | findings |',
      '| --- | ---: | ---: | ---: |',
      ...rows,
    ].join('\n')
  }

  summary(): string {
    const executions = [...this.#rows.values()].reduce((sum, row) => sum + row.executions, 0)
    return `${executions} executions, ${this.findings} findings`
  }
}
