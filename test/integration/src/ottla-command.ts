import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ottla = fileURLToPath(new URL('../../../apps/cli/bin/ottla.js', import.meta.url))

/** A running `ottla` command. */
export interface Command {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** Everything printed so far, on both outputs. */
  output(): string
  /** Resolves when the output matches; rejects when the command ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>
  /** Resolves with the exit status when it has ended. */
  ended: Promise<number | null>
}

/** Starts the compiled `ottla` with the given arguments. */
export function startOttla(args: readonly string[], input = ''): Command {
  const child = spawn(process.execPath, [ottla, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      child.emit('printed')
    })
  }
  const ended = once(child, 'close').then(([status]) => status as number | null)
  return {
    child,
    ended,
    output: () => text,
    async printed(pattern) {
      for (;;) {
        const match = text.match(pattern)
        if (match) return match
        const isOver = await Promise.race([
          once(child, 'printed').then(() => false),
          ended.then(() => true),
        ])
        if (isOver && !pattern.test(text))
          throw new Error(`ottla ${args.join(' ')} ended:\n${text}`)
      }
    },
  }
}

/** Runs a command to its end. */
export async function runOttla(args: readonly string[], input = '') {
  const command = startOttla(args, input)
  const status = await command.ended
  return { status, output: command.output() }
}
