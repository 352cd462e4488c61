import { nearestName, show } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'

/** An item of each operation that takes a list, as an example for who gave something else. */
const examples = {
  createTopics: "{ name: 'trucks', partitions: 6 }",
  deleteTopics: "'trucks'",
  describeTopics: "'trucks'",
  createPartitions: "{ name: 'trucks', partitions: 6 }",
  deleteRecords: "{ topic: 'trucks', partition: 0, before: 'latest' }",
  describeConfigs: "{ type: 'topic', name: 'trucks' }",
  alterConfigs: "{ type: 'topic', name: 'trucks', set: { 'retention.ms': '3600000' } }",
  listOffsets: "{ topic: 'trucks', at: 'latest' }",
  describeGroups: "'maintenance'",
  deleteGroups: "'maintenance'",
  listGroupOffsets: "'maintenance'",
  alterGroupOffsets: "{ topic: 'trucks', partition: 0, offset: 0n }",
  deleteGroupOffsets: "{ topic: 'trucks', partition: 0 }",
  describeProducers: "{ topic: 'trucks', partition: 0 }",
  electLeaders: "{ topic: 'trucks', partition: 0 }",
  alterPartitionReassignments: "{ topic: 'trucks', partition: 0, replicas: [1, 2] }",
  describeUserScramCredentials: "'alice'",
  alterUserScramCredentials: "{ user: 'alice', mechanism: 'SCRAM-SHA-256', password }",
} as const

/** An operation that takes a list of items. */
export type ListOperation = keyof typeof examples

/** @throws InvalidArgumentError unless it is a list of what the operation is about: names, or objects. */
export const checkList = (operation: ListOperation, items: unknown): void => {
  const example = examples[operation]
  if (!Array.isArray(items)) {
    throw new InvalidArgumentError(
      `${operation} takes a list, such as [${example}], not ${show(items)}`,
    )
  }
  const isObjects = example.startsWith('{')
  for (const item of items) {
    if (typeof item === 'object' ? item !== null : !isObjects && typeof item === 'string') continue
    throw new InvalidArgumentError(
      `${operation}: what it is about looks like ${example}, not ${show(item)}`,
    )
  }
}

/**
 * Refuses fields that nobody would read: a misspelt one must not quietly mean the default.
 *
 * @param has who has these fields, with the word for them: `a topic to create has no field`.
 * @param known all of them, each with what other clients call it.
 * @throws InvalidArgumentError naming the field and the one that was meant, or all.
 */
export const checkFields = (
  has: string,
  input: object,
  known: { readonly [name: string]: readonly string[] },
): void => {
  const names = Object.keys(known)
  for (const name of Object.keys(input)) {
    if (Object.hasOwn(known, name)) continue
    const meant =
      names.find((candidate) => known[candidate]?.includes(name)) ?? nearestName(name, names)
    const hint = meant === undefined ? `Known are: ${names.join(', ')}.` : `Did you mean ${meant}?`
    throw new InvalidArgumentError(`${has} ${name}. ${hint}`)
  }
}

/** @throws InvalidArgumentError unless it is an object of options that the operation has. */
export const checkOptions = (operation: string, options: unknown, own: readonly string[]): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `the options of ${operation} are an object, such as { timeoutMs: 5000 }, not ${show(options)}`,
    )
  }
  const known = Object.fromEntries(['timeoutMs', 'signal', ...own].map((name) => [name, []]))
  checkFields(`${operation} has no option`, options, known)
}
