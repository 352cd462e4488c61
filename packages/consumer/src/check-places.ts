import { show } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import type { AssignedFrom } from './calls.js'

const maxPartition = 2 ** 31 - 1

/** Kafka's rule: 1 to 249 of these characters, and neither `.` nor `..`, which would be directories. */
const isTopicName = (name: string): boolean =>
  /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'

/** @throws InvalidArgumentError for a name that no topic can have. */
export const assertTopicName = (name: string): void => {
  if (isTopicName(name)) return
  throw new InvalidArgumentError(
    `${show(name)} is no topic name: use 1-249 of a-z A-Z 0-9 . _ -, or a RegExp to read several topics.`,
    { topic: name },
  )
}

/** @throws InvalidArgumentError unless these are places to read from, as `assign` and `seek` take them. */
export const assertPlaces = (places: readonly AssignedFrom[], method = 'assign'): void => {
  if (!Array.isArray(places)) {
    throw new InvalidArgumentError(
      `${method}() takes an array of { topic, partition, offset }, not ${show(places)}.`,
    )
  }
  for (const [index, place] of places.entries()) assertPlace(`${method}()[${index}]`, place)
}

const assertPlace = (what: string, place: unknown): void => {
  if (typeof place !== 'object' || place === null) {
    throw refusal(what, 'an object { topic, partition, offset }', place)
  }
  const { topic, partition, offset } = place as Partial<Record<keyof AssignedFrom, unknown>>
  if (typeof topic !== 'string') throw refusal(`${what}.topic`, 'a topic name', topic)
  assertTopicName(topic)
  if (!isWhole(partition) || partition > maxPartition) {
    throw refusal(`${what}.partition`, 'an integer of at least 0', partition)
  }
  if (offset !== undefined && !isOffset(offset)) {
    throw refusal(`${what}.offset`, 'a bigint or an integer, 0 or more', offset)
  }
}

const isWhole = (input: unknown): input is number =>
  typeof input === 'number' && Number.isSafeInteger(input) && input >= 0

/** Whether it is a bigint or an integer, 0 or more: what `Number` makes of null or '' is no offset. */
export const isOffset = (input: unknown): boolean =>
  typeof input === 'bigint' ? isWhole(Number(input)) : isWhole(input)

const refusal = (what: string, expected: string, given: unknown): InvalidArgumentError =>
  new InvalidArgumentError(`${what} must be ${expected}, not ${show(given)}.`)
