import { type Fields, isFields } from './message-walk.js'

/** What tells the elements of a response's list apart. */
const identities = ['name', 'topic', 'topicId', 'topicName', 'groupId', 'transactionalId'] as const

const isSame = (one: unknown, other: Fields): boolean =>
  isFields(one) &&
  Object.values(other).some(Array.isArray) &&
  identities.some((key) => key in other) &&
  identities.every((key) => !(key in other) || one[key] === other[key])

/** One response out of two that answer parts of the same request: lists are joined, topic by topic. */
export const mergeResponses = (response: Fields, more: Fields): Fields => {
  const merged: Fields = { ...response }
  for (const [name, list] of Object.entries(more)) {
    if (!Array.isArray(list)) continue
    const joined: unknown[] = [...((response[name] ?? []) as unknown[])]
    for (const element of list as unknown[]) {
      const at = isFields(element) ? joined.findIndex((other) => isSame(other, element)) : -1
      if (at === -1) joined.push(element)
      else joined[at] = mergeResponses(joined[at] as Fields, element as Fields)
    }
    merged[name] = joined
  }
  return merged
}
