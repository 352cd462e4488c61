import { type AnyCodec, anyCodec, type Field, type Shape } from '@ottla/protocol/registry'

/** A decoded message, or part of one, as a walker sees it. */
export type Fields = Record<string, unknown>

/** Whether a value is a struct of a decoded message. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** The fields that a version has, in order. */
export const fieldsAt = (shape: Shape, version: number): [string, Field][] =>
  Object.entries(shape).filter(
    ([, { range }]) => version >= range.min && version <= (range.max ?? version),
  )

/** What an array field holds: a struct's shape, or scalars of a kind; undefined for fields that are no arrays. */
export const elementOf = ({ codec }: Field): { shape?: Shape; kind: string } | undefined => {
  const list = bare(anyCodec(codec))
  if (list.kind !== 'array') return undefined
  const element = bare(anyCodec(list.element))
  return element.kind === 'struct'
    ? { kind: element.kind, shape: element.shape }
    : { kind: element.kind }
}

const bare = (codec: AnyCodec): AnyCodec =>
  codec.kind === 'nullable' || codec.kind === 'notCompact' ? bare(anyCodec(codec.codec)) : codec

/** Where a message speaks of a topic: the names its field has in one API or another. */
const topicNames = ['name', 'topic', 'topicName'] as const
const partitionNames = ['partitionIndex', 'partition', 'index', 'partitionId'] as const

/** What the walk knows of the topics: newer requests name them by id. */
export type TopicNames = (topicId: string) => string | undefined

/** Whether the elements of an array field of this name are topics. */
export const holdsTopics = (field: string): boolean =>
  /topic/i.test(field) && !/^forgotten/.test(field)

/** The topic that an element is about; undefined if it is about none. */
export const topicOf = (field: string, element: unknown, names: TopicNames): string | undefined => {
  if (field === 'resources') {
    return isFields(element) && element.resourceType === topicResource
      ? String(element.resourceName)
      : undefined
  }
  if (!holdsTopics(field)) return undefined
  if (typeof element === 'string') return element
  if (!isFields(element)) return undefined
  const name = topicNames.map((key) => element[key]).find((value) => Boolean(value))
  if (typeof name === 'string') return name
  return typeof element.topicId === 'string' ? names(element.topicId) : undefined
}

/** `resourceType` of a topic where configs are described or altered. */
const topicResource = 2

/** The partition that an element is about: the number itself, or a struct with a field for it. */
export const partitionOf = (element: unknown): number | undefined => {
  if (typeof element === 'number') return element
  if (!isFields(element)) return undefined
  const number = partitionNames.map((key) => element[key]).find((value) => value !== undefined)
  return typeof number === 'number' ? number : undefined
}

/** Whether a field says which thing an element is about: it is copied from a request into its answer. */
export const sameField = (wanted: string, source: Fields): unknown => {
  if (wanted in source) return source[wanted]
  for (const synonyms of [topicNames, partitionNames] as readonly (readonly string[])[]) {
    if (!synonyms.includes(wanted)) continue
    const found = synonyms.find((name) => name in source)
    if (found !== undefined) return source[found]
  }
  return wanted === 'user' ? source.name : undefined
}

/** A copy of a response that may be changed; bytes are shared. */
export const draftOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(draftOf)
  if (!isFields(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, draftOf(inner)]))
}
