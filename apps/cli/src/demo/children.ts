import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type {
  FailureReport,
  MemberOrder,
  MemberReport,
  ProducedReport,
  ProduceOrder,
} from './messages.js'

type Report = ProducedReport | MemberReport | FailureReport

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * The processes of the demo. Each is forked with an IPC channel and in a process group of its own:
 * a Ctrl-C of the terminal reaches only us, and a child whose channel closes ends by itself, so
 * that even a killed parent leaves no process behind.
 */
export class Children {
  readonly #clients = new Set<ChildProcess>()
  readonly #brokers = new Set<ChildProcess>()

  /** Starts `ottla broker` and resolves with its address once it serves. */
  startBroker(listen: string): Promise<{ address: string; child: ChildProcess }> {
    const child = this.#fork(
      this.#brokers,
      script('../main.js'),
      ['broker', '--listen', listen],
      'pipe',
    )
    const { stdout, stderr } = child
    if (!stdout || !stderr) throw new Error('the broker was started without pipes')
    let complaint = ''
    stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    return new Promise((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        if (line.startsWith('ready ')) resolve({ address: line.slice('ready '.length), child })
      })
      child.once('exit', (status) =>
        reject(new Error(complaint.trim() || `the broker ended with status ${status}`)),
      )
    })
  }

  /** Starts the producer's process. */
  startProducer(order: ProduceOrder, onReport: (report: Report) => void): ChildProcess {
    return this.#start('./producer-process.js', order, onReport)
  }

  /** Starts a member of the group. */
  startMember(
    order: Extract<MemberOrder, { kind: 'join' }>,
    onReport: (report: Report) => void,
  ): ChildProcess {
    return this.#start('./member-process.js', order, onReport)
  }

  /**
   * Asks every child to end and resolves when all have: clients first, while there is a broker to
   * say goodbye to. Those that do not end within `timeoutMs` are killed.
   */
  async stop(timeoutMs: number): Promise<void> {
    for (const children of [this.#clients, this.#brokers]) {
      const gone = [...children].map((child) => once(child, 'exit'))
      for (const child of children) if (child.connected) child.disconnect()
      const timer = setTimeout(() => {
        for (const child of children) child.kill('SIGKILL')
      }, timeoutMs)
      await Promise.all(gone)
      clearTimeout(timer)
    }
  }

  #start(name: string, order: object, onReport: (report: Report) => void): ChildProcess {
    const child = this.#fork(this.#clients, script(name), [], 'inherit')
    child.on('message', (message) => onReport(message as Report))
    child.once('exit', (status, signal) => {
      if (status !== 0)
        onReport({ kind: 'failed', message: `a process ended with ${signal ?? status}` })
    })
    child.send(order)
    return child
  }

  #fork(
    siblings: Set<ChildProcess>,
    path: string,
    args: string[],
    output: 'pipe' | 'inherit',
  ): ChildProcess {
    const child = fork(path, args, {
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', output, output, 'ipc'],
    })
    siblings.add(child)
    child.once('exit', () => siblings.delete(child))
    return child
  }
}
