import type { Clock } from '../platform.js'
import type { Interception } from '../server/request-gate.js'
import { ActiveFault } from './active-fault.js'
import type { ApiName } from './api-names.js'
import type { ArrivedRequest } from './arrived-request.js'
import { checkAction, checkMatch } from './check-fault.js'
import type { Fault, FaultAction, FaultMatch } from './fault-types.js'
import { type Rolls, repeatableRolls } from './rolls.js'
import type { Waiting } from './waiting.js'

/** What the faults of a broker need. */
export interface FaultsOptions {
  readonly clock: () => Clock
  readonly waiting: Waiting
  /** Names of the APIs that are served. */
  readonly served: () => readonly string[]
}

/** The faults of a broker. The first one that matches a request takes it; none changes what the others see. */
export class Faults {
  readonly #options: FaultsOptions
  readonly #faults = new Set<ActiveFault>()

  constructor(options: FaultsOptions) {
    this.#options = options
  }

  /**
   * Adds a fault, for the requests that arrive from now on.
   *
   * @example broker.faults.add({ api: 'Produce', topic: 't', times: 1 }, { error: 'NOT_LEADER_OR_FOLLOWER' })
   * @throws InvalidArgumentError for an API that is not served, a field, error or action that is unknown, a value of
   * the wrong type or out of range.
   */
  add<Name extends ApiName = ApiName>(match: FaultMatch<Name>, action: FaultAction<Name>): Fault
  add(match: FaultMatch, action: FaultAction): Fault {
    checkMatch(match, this.#options.served())
    checkAction(action)
    const { clock, waiting } = this.#options
    const random: Rolls = repeatableRolls(match.seed ?? 1)
    const onOver = (fault: ActiveFault): void => void this.#faults.delete(fault)
    const context = { clock, waiting, random, onOver }
    const fault = new ActiveFault(match, action, context)
    this.#faults.add(fault)
    return fault
  }

  /** Removes every fault; what they hold up goes on. */
  clear(): void {
    for (const fault of [...this.#faults]) fault.remove()
  }

  /** How many are active. */
  get size(): number {
    return this.#faults.size
  }

  /** What is to happen to a request that arrives; undefined if nothing is. */
  admit(request: ArrivedRequest): Interception | undefined {
    for (const fault of this.#faults) {
      if (fault.takes(request)) return (held) => fault.perform(held, request)
    }
    return undefined
  }
}
