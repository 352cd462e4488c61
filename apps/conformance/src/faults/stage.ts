import { losesNodes } from '../rules/rule.js'
import type { ExecutionPlace } from '../run/context.js'
import { execute } from '../run/execute.js'
import type { Result } from '../run/result.js'
import type { Execution } from '../run/rule-execution.js'
import type { SaslListener, Target, TargetControls, TargetListeners } from '../target.js'
import type { Fault } from './fault.js'
import { FaultProxy } from './fault-proxy.js'
import type { Trial } from './try-faults.js'

/** What the injection into one rule takes from the run around it. */
export interface InjectionPlace {
  /** A place of its own for each execution. */
  readonly newPlace: () => ExecutionPlace
  /** Those of the generated faults that are tried. */
  readonly choose: (faults: readonly Fault[]) => readonly Fault[]
  /** Gives the rule more time, and more than one try. */
  readonly isPatient: boolean
}

const PATIENT_DEADLINE_MS = 20_000
/** What a rule has with a fault: this, and so many times as long as it took in peace. */
const SHORTEST_DEADLINE_MS = 500
const SPARE = 3
/** A rule that waited in vain has so many times as long once more. */
const PATIENCE = 4
/** What is played back comes at once. */
const PLAYED_BACK_DEADLINE_MS = 250

/** Where a rule runs behind a proxy, again and again. */
export class Stage implements Trial {
  readonly proxy = new FaultProxy()
  readonly isPlayedBack: boolean
  readonly #execution: Execution
  readonly #place: InjectionPlace
  /** Names of the run in peace. */
  #peacefulPrefix = ''
  #deadlineMs = 0
  #patientMs = 0

  constructor(execution: Execution, place: InjectionPlace) {
    this.#execution = execution
    this.#place = place
    this.isPlayedBack = losesNodes(execution.rule)
  }

  /** Runs the rule on the target, without a fault, and notes what it reads. */
  runInPeace(): Promise<Result> {
    const { isPatient, newPlace } = this.#place
    this.proxy.fault = undefined
    const place = newPlace()
    // What was read in peace has the names of that execution.
    this.#peacefulPrefix = place.prefix
    this.proxy.record(this.isPlayedBack)
    const deadlineMs = isPatient ? PATIENT_DEADLINE_MS : place.deadlineMs
    return this.#run({ ...place, deadlineMs, tracksReads: true })
  }

  /** Makes ready for faults; says why the rule cannot be tried, if so. */
  async prepare({ durationMs }: Result): Promise<string | undefined> {
    if (this.isPlayedBack) {
      this.proxy.playBack()
      this.#deadlineMs = PLAYED_BACK_DEADLINE_MS
      this.#patientMs = PATIENCE * PLAYED_BACK_DEADLINE_MS
      const reason = reasonOf(await this.run(true))
      return reason && `played back: ${reason}`
    }
    const { isPatient, newPlace } = this.#place
    const hastyMs = newPlace().deadlineMs
    // No wait of it was longer than it took altogether.
    const enough = Math.ceil(SHORTEST_DEADLINE_MS + SPARE * durationMs)
    const deadlineMs = isPatient ? Math.max(hastyMs, enough) : Math.min(hastyMs, enough)
    this.#deadlineMs = deadlineMs
    this.#patientMs = Math.max(deadlineMs, Math.min(PATIENT_DEADLINE_MS, PATIENCE * deadlineMs))
    return undefined
  }

  /** Runs the rule with the fault that is in the proxy. */
  run(isPatient: boolean): Promise<Result> {
    const place = this.#place.newPlace()
    const deadlineMs = isPatient ? this.#patientMs : this.#deadlineMs
    if (!this.isPlayedBack) return this.#run({ ...place, deadlineMs })
    const target = { ...place.target, controls: untouched(place.target) }
    // Names are those of the recording, and nothing of it is there to be cleaned up.
    return this.#run({
      ...place,
      deadlineMs,
      target,
      prefix: this.#peacefulPrefix,
      isPlayedBack: true,
    })
  }

  runWithoutFault(): Promise<Result> {
    this.proxy.fault = undefined
    return this.run(false)
  }

  async #run(place: ExecutionPlace): Promise<Result> {
    const { proxy } = this
    const address = await proxy.listen(place.target.address)
    const listeners = await listenersThrough(proxy, place.target)
    proxy.named = (value) => renamed(value, this.#peacefulPrefix, place.prefix)
    return execute(this.#execution, { ...place, target: { ...place.target, address, listeners } })
  }
}

/** Controls over the nodes of a target that leave them as they are. */
function untouched({ controls }: Target): TargetControls {
  const ids = [...(controls?.nodes?.keys() ?? [])]
  const done = async () => undefined
  const node = { kill: done, start: done, pause: () => undefined, resume: () => undefined }
  return { nodes: new Map(ids.map((id) => [id, node])) }
}

function renamed(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.replaceAll(from, to)
  if (Array.isArray(value)) return value.map((one) => renamed(one, from, to))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const fields = Object.entries(value).map(([key, own]) => [key, renamed(own, from, to)])
  return Object.fromEntries(fields)
}

/** Why a rule did not pass in peace; undefined when it did. */
export function reasonOf({ status, failure, reason }: Result): string | undefined {
  if (status === 'passed') return undefined
  return failure?.message ?? reason ?? 'did not pass'
}

/** The other listeners of a target, behind a proxy; not those with TLS, which it cannot look into. */
async function listenersThrough(
  proxy: FaultProxy,
  { listeners }: Target,
): Promise<TargetListeners> {
  const through = async (listener: SaslListener | undefined) =>
    listener === undefined || listener.tls !== undefined
      ? listener
      : { ...listener, address: await proxy.listen(listener.address) }
  return { sasl: await through(listeners?.sasl), renewal: await through(listeners?.renewal) }
}
