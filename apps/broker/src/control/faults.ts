import { ErrorCode, InvalidArgumentError } from '@ottla/protocol'
import type { Clock } from '../platform.js'
import type { Interception } from '../server/request-gate.js'
import { ActiveFault } from './active-fault.js'
import type { ApiName } from './api-names.js'
import type { ArrivedRequest } from './arrived-request.js'
import type { Fault, FaultAction, FaultMatch } from './fault-types.js'
import { type Rolls, repeatableRolls } from './rolls.js'
import type { Waiting } from './waiting.js'

/** What the faults of a broker need. */
export interface FaultsOptions {
  readonly clock: () => Clock
  readonly waiting: Waiting
  /** Names of the APIs that are served. */
  readonly isServed: (api: string) => boolean
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
   * @throws InvalidArgumentError for an API that is not served, an unknown error or action, a number out of range.
   */
  add<Name extends ApiName = ApiName>(match: FaultMatch<Name>, action: FaultAction<Name>): Fault
  add(match: FaultMatch, action: FaultAction): Fault {
    this.#checkMatch(match)
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

  #checkMatch({ api, times = 1, probability = 1 }: FaultMatch): void {
    for (const name of api === undefined ? [] : [api].flat()) {
      if (this.#options.isServed(name)) continue
      throw new InvalidArgumentError(
        `api: this broker serves no '${name}'; give a name of Kafka's, such as 'Produce'`,
      )
    }
    if (!(times > 0)) throw new InvalidArgumentError(`times must be at least 1, not ${times}`)
    if (!(probability >= 0 && probability <= 1)) {
      throw new InvalidArgumentError(`probability must be from 0 to 1, not ${probability}`)
    }
  }
}

const kinds = ['error', 'drop', 'stop', 'corrupt', 'answer', 'patch'] as const

const words: Readonly<Record<string, readonly unknown[]>> = {
  drop: ['before', 'after', 'halfway'],
  stop: ['reading', 'answering'],
}

const checkAction = (action: FaultAction): void => {
  const given = Object.entries(action).filter(([, value]) => value !== undefined)
  const chosen = given.filter(([name]) => name !== 'delayMs')
  for (const [name, value] of chosen) {
    if (!(kinds as readonly string[]).includes(name)) {
      throw new InvalidArgumentError(
        `no fault does '${name}'; use one of ${kinds.join(', ')}, delayMs`,
      )
    }
    if (words[name] !== undefined && !words[name].includes(value)) {
      throw new InvalidArgumentError(
        `${name} must be one of ${words[name].join(', ')}, not '${value}'`,
      )
    }
    if (name === 'error' && typeof value === 'string' && !(value in ErrorCode)) {
      throw new InvalidArgumentError(`error: Kafka has no error '${value}'`)
    }
  }
  if (chosen.length > 1) {
    const names = chosen.map(([name]) => name).join(' and ')
    throw new InvalidArgumentError(`a fault does one thing, not ${names}: add two faults`)
  }
  if (given.length === 0)
    throw new InvalidArgumentError(`a fault needs one of ${kinds.join(', ')}, delayMs`)
}
