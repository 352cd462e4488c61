import type { Result } from '../run/result.js'

/** Shows how far a run is. */
export interface Progress {
  note(result: Pick<Result, 'status'>, done: number, total: number): void
  end(): void
}

const LINE_EVERY_MS = 5_000
const REDRAW_EVERY_MS = 100

/** One line that is drawn anew on a terminal; elsewhere a line every five seconds. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  let failed = 0
  let shownAt = 0
  let line = ''
  const started = performance.now()
  const show = () => stream.write(stream.isTTY ? `\r${line}` : `${line}\n`)
  return {
    note({ status }, done, total) {
      if (status === 'failed') failed++
      const now = performance.now()
      const seconds = Math.round((now - started) / 1000)
      line = `${done} of ${total} executions, ${failed} failed, ${seconds} s`
      if (now - shownAt < (stream.isTTY ? REDRAW_EVERY_MS : LINE_EVERY_MS)) return
      shownAt = now
      show()
    },
    end() {
      if (line === '') return
      show()
      if (stream.isTTY) stream.write('\n')
    },
  }
}
