import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import type { Finding } from './ledger.js'
import type { DemoState } from './state.js'

const refreshMs = 200
const plainMs = 1_000
const barWidth = 24

const number = (value: number) => Math.round(value).toLocaleString('en-US')
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB/s`

/** A rate over about the last second, from totals sampled now and then. */
class Rate {
  #samples: { atMs: number; total: number }[] = []

  of(total: number, nowMs: number): number {
    this.#samples.push({ atMs: nowMs, total })
    while (this.#samples.length > 2 && nowMs - (this.#samples[0]?.atMs ?? 0) > 1_500) {
      this.#samples.shift()
    }
    const first = this.#samples[0]
    if (!first || first.atMs === nowMs) return 0
    return ((total - first.total) / (nowMs - first.atMs)) * 1000
  }
}

/**
 * Shows the state of the demo: a live view on a terminal, a plain line a second elsewhere.
 * `stop` shows the last state and ends it.
 */
export class View {
  readonly #state: DemoState
  readonly #live = process.stdout.isTTY === true
  readonly #update = createLogUpdate(process.stdout, { showCursor: true })
  readonly #timer: NodeJS.Timeout
  readonly #rates = new Map<string, Rate>()
  #stopped = false

  constructor(state: DemoState) {
    this.#state = state
    this.#timer = setInterval(() => this.#show(), this.#live ? refreshMs : plainMs)
  }

  /** A line that stays, above the live view. */
  note(text: string): void {
    if (this.#live) this.#update.clear()
    console.log(text)
    if (this.#live) this.#show()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearInterval(this.#timer)
    this.#show()
    if (this.#live) this.#update.done()
  }

  #show(): void {
    const now = Date.now()
    if (this.#live) this.#update(this.#liveLines(now).join('\n'))
    else console.log(this.#plainLine(now))
  }

  #rate(name: string, total: number, now: number): number {
    const rate = this.#rates.get(name) ?? new Rate()
    this.#rates.set(name, rate)
    return rate.of(total, now)
  }

  #plainLine(now: number): string {
    const { produced, consumed, members, rebalances, startedMs } = this.#state
    const seconds = ((now - startedMs) / 1000).toFixed(0)
    const owners = members
      .filter(({ phase }) => phase === 'member')
      .map(({ name, partitions }) => `${name}[${partitions.join(' ')}]`)
    return [
      `${seconds}s`,
      `in ${number(produced.records)} (${number(this.#rate('in', produced.records, now))}/s, ${megabytes(this.#rate('in-bytes', produced.bytes, now))})`,
      `out ${number(consumed.records)} (${number(this.#rate('out', consumed.records, now))}/s, ${megabytes(this.#rate('out-bytes', consumed.bytes, now))})`,
      `lag ${number(Math.max(0, produced.records - consumed.records))}`,
      `rebalances ${rebalances}`,
      owners.join(' '),
    ].join('  ')
  }

  #liveLines(now: number): string[] {
    const { address, rows, produced, consumed, members, rebalances, startedMs } = this.#state
    const line = (label: string, records: number, bytes: number) =>
      `  ${label.padEnd(9)} ${bar(records / rows)} ${number(records).padStart(9)}  ${number(this.#rate(label, records, now)).padStart(9)}/s  ${megabytes(this.#rate(`${label}-bytes`, bytes, now)).padStart(12)}`
    const lag = Math.max(0, produced.records - consumed.records)
    return [
      '',
      `  ${styleText('bold', 'ottla demo')}  ${number(rows)} flights, keyed by origin, through ${styleText('cyan', address)}  ${((now - startedMs) / 1000).toFixed(0)} s`,
      '',
      line('produced', produced.records, produced.bytes),
      line('consumed', consumed.records, consumed.bytes),
      `  ${'lag'.padEnd(9)} ${number(lag)} records    rebalances ${rebalances}`,
      '',
      ...members.map((member) => {
        const rate = this.#rate(member.name, member.records, now)
        const partitions = member.phase === 'member' ? member.partitions.join(' ') : member.phase
        const mark = member.phase === 'member' ? styleText('green', '●') : styleText('dim', '○')
        return `  ${mark} ${member.name.padEnd(9)} ${partitions.padEnd(22)} ${number(member.records).padStart(9)}  ${number(rate).padStart(9)}/s`
      }),
      '',
    ]
  }
}

function bar(share: number): string {
  const filled = Math.min(barWidth, Math.round(share * barWidth))
  return styleText('green', '█'.repeat(filled)) + styleText('dim', '░'.repeat(barWidth - filled))
}

/** The final table: what was claimed, whether it holds, and the figures. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ claim }) => claim.length))
  return findings
    .map(({ claim, holds, detail }) => {
      const verdict = holds ? styleText('green', 'yes') : styleText('red', 'NO ')
      return `  ${claim.padEnd(width)}  ${verdict}  ${detail}`
    })
    .join('\n')
}
