import { randomBytes } from 'node:crypto'
import type { Deviation } from '../deviations/deviation.js'
import { askApiVersions } from './ask-api-versions.js'
import type { ExecutionPlace } from './context.js'
import { execute } from './execute.js'
import { judgeDeviation } from './judge-deviation.js'
import { Lookout } from './lookout.js'
import type { Result } from './result.js'
import { Reviver } from './reviver.js'
import type { Execution } from './rule-execution.js'
import type { Stopper } from './stopper.js'

const KNOCK_PAUSE_MS = 250

/** What a {@link Judge} is made of. */
export interface JudgeOptions {
  readonly place: Omit<ExecutionPlace, 'signal' | 'prefix' | 'loaded'>
  readonly deviations: readonly Deviation[]
  readonly stopper: Stopper
  /** How long the target may be away. */
  readonly goneAfterMs: number
}

/** Runs the executions of one run and keeps what came of them; stops the run when the target is gone. */
export class Judge {
  readonly results: Result[] = []
  /** What the names of all topics and groups of the run begin with. */
  readonly prefix = `conformance-${randomBytes(4).toString('hex')}-`
  readonly #place: Omit<ExecutionPlace, 'prefix'>
  readonly #deviations: readonly Deviation[]
  readonly #stopper: Stopper
  readonly #reviver: Reviver
  /** Not for a target that is started again. */
  readonly #lookout: Lookout | undefined
  #count = 0

  constructor({ place, deviations, stopper, goneAfterMs }: JudgeOptions) {
    const { target, deadlineMs } = place
    this.#place = { ...place, signal: stopper.runs, loaded: new Set() }
    this.#deviations = deviations
    this.#stopper = stopper
    const revive = target.controls?.revive
    this.#reviver = new Reviver(revive)
    const knock = () => askApiVersions(target, deadlineMs, stopper.runs)
    const patience = { patienceMs: goneAfterMs, pauseMs: KNOCK_PAUSE_MS }
    this.#lookout = revive === undefined ? new Lookout(knock, patience) : undefined
  }

  /** How often the target was started again. */
  get revivals(): number {
    return this.#reviver.count
  }

  /** What came of an execution; undefined of one that was cut off. */
  async run(execution: Execution): Promise<Result | undefined> {
    const found = await this.#reviver.run(
      () => {
        const prefix = `${this.prefix}${this.#count++}`
        return execute(execution, { ...this.#place, prefix })
      },
      ({ status }) => status === 'failed',
    )
    if (found.status === 'failed' && this.#stopper.runs.aborted) return undefined
    if (isWithoutAnswer(found)) {
      const why = await this.#lookout?.look()
      if (why !== undefined) this.#stopper.stop(`the target is gone: ${why}`)
    }
    const result = judgeDeviation(found, this.#deviations)
    this.results.push(result)
    return result
  }

  /** Takes a result off the list: its execution is to be run again. */
  takeBack(result: Result): Execution | undefined {
    const { rule, version } = result
    if (version === undefined) return undefined
    this.results.splice(this.results.indexOf(result), 1)
    return { rule, version }
  }
}

/** Whether it failed for want of an answer, as all do once the target is gone. */
function isWithoutAnswer({ status, failure }: Result): boolean {
  return status === 'failed' && failure?.exchange?.response === undefined
}
