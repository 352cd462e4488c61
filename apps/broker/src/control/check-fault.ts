import { nearestName } from '@ottla/network'
import { ErrorCode, InvalidArgumentError } from '@ottla/protocol'
import type { FaultAction, FaultMatch } from './fault-types.js'

/** Refuses the name of an API that is not served: whoever waits for it would wait in vain. */
export const checkApi = (api: string, served: readonly string[]): void => {
  if (served.includes(api)) return
  const near = nearestName(api, served)
  const hint = near === undefined ? "give a name of Kafka's, such as 'Produce'" : `is it ${near}?`
  throw new InvalidArgumentError(`api: this broker serves no '${api}'; ${hint}`)
}

type Type = 'string' | 'number' | 'function' | 'object'

/** What every field of a match has to be. `api` is checked by name. */
const matchTypes: Readonly<Record<keyof FaultMatch, readonly Type[]>> = {
  api: ['string', 'object'],
  topic: ['string'],
  partition: ['number'],
  connection: ['number'],
  clientId: ['string'],
  version: ['number'],
  times: ['number'],
  probability: ['number'],
  seed: ['number'],
  when: ['function'],
}

/** @throws InvalidArgumentError for an unknown field, which would match everything, or a value of the wrong type. */
export const checkMatch = (match: FaultMatch, served: readonly string[]): void => {
  const fields = Object.keys(matchTypes)
  const types: Readonly<Record<string, readonly Type[]>> = matchTypes
  for (const [name, value] of entriesOf(match, 'match')) {
    const expected = types[name]
    if (expected === undefined) {
      throw new InvalidArgumentError(`match: a fault cannot match '${name}'${hintAt(name, fields)}`)
    }
    if (!(expected as readonly string[]).includes(typeof value) || value === null) {
      throw new InvalidArgumentError(`${name} must be a ${expected[0]}, not ${shown(value)}`)
    }
  }
  const { api, times = 1, probability = 1 } = match
  for (const name of api === undefined ? [] : [api].flat()) checkApi(name, served)
  if (!(times > 0)) throw new InvalidArgumentError(`times must be at least 1, not ${times}`)
  if (!(probability >= 0 && probability <= 1)) {
    throw new InvalidArgumentError(`probability must be from 0 to 1, not ${probability}`)
  }
}

const kinds = ['error', 'drop', 'stop', 'corrupt', 'answer', 'patch'] as const
const actionFields: readonly string[] = [...kinds, 'delayMs']

const words: Readonly<Record<string, readonly unknown[]>> = {
  drop: ['before', 'after', 'halfway'],
  stop: ['reading', 'answering'],
}

/** @throws InvalidArgumentError for an unknown action, a value it cannot have, none, or several. */
export const checkAction = (action: FaultAction): void => {
  const given = entriesOf(action, 'action')
  const chosen = given.filter(([name]) => name !== 'delayMs')
  for (const [name, value] of given) {
    if (!actionFields.includes(name)) {
      throw new InvalidArgumentError(`no fault does '${name}'${hintAt(name, actionFields)}`)
    }
    const problem = problemWith(name, value)
    if (problem !== undefined) throw new InvalidArgumentError(problem)
  }
  if (chosen.length > 1) {
    const names = chosen.map(([name]) => name).join(' and ')
    throw new InvalidArgumentError(`a fault does one thing, not ${names}: add two faults`)
  }
  if (given.length === 0) {
    throw new InvalidArgumentError(`a fault needs one of ${actionFields.join(', ')}`)
  }
}

const problemWith = (name: string, value: unknown): string | undefined => {
  switch (name) {
    case 'drop':
    case 'stop':
      if (words[name]?.includes(value)) return undefined
      return `${name} must be one of ${words[name]?.join(', ')}, not ${shown(value)}`
    case 'error':
      if (Number.isInteger(value)) return undefined
      if (typeof value === 'string' && value in ErrorCode) return undefined
      return `error: Kafka has no error ${shown(value)}${
        typeof value === 'string' ? hintAt(value, Object.keys(ErrorCode), false) : ''
      }`
    case 'delayMs':
      if (typeof value === 'number' && value >= 0) return undefined
      return `delayMs must be a number from 0 on, not ${shown(value)}`
    case 'corrupt':
      if (value === true || typeof value === 'function') return undefined
      return `corrupt must be true or a function, not ${shown(value)}`
    default:
      if (typeof value === 'function') return undefined
      return `${name} must be a function, not ${shown(value)}`
  }
}

/** The fields that are set. */
const entriesOf = (object: unknown, what: string): [string, unknown][] => {
  if (typeof object !== 'object' || object === null) {
    throw new InvalidArgumentError(
      `faults.add needs a match and an action, such as ({ api: 'Produce' }, { drop: 'after' }); the ${what} is ${shown(object)}`,
    )
  }
  return Object.entries(object).filter(([, value]) => value !== undefined)
}

const hintAt = (name: string, known: readonly string[], listsAll = true): string => {
  const near = nearestName(name, known)
  if (near !== undefined) return `; is it ${near}?`
  return listsAll ? `; use one of ${known.join(', ')}` : ''
}

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
