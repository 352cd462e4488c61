import {
  type Fields,
  holdsTopics,
  isFields,
  partitionOf,
  type TopicNames,
  topicOf,
} from './message-walk.js'

/** Which part of a request is meant. */
export interface PartFilter {
  readonly topic?: string | undefined
  readonly partition?: number | undefined
}

/** A topic, or one of its partitions, that a request is about. */
export interface TopicPartition {
  readonly topic: string
  /** Undefined where the request names the topic as a whole. */
  readonly partition: number | undefined
}

/** Every topic and partition that a decoded request speaks of, whichever API it is. */
export const partsOf = (request: unknown, names: TopicNames): TopicPartition[] => {
  const found: TopicPartition[] = []
  const visit = (value: unknown): void => {
    if (!isFields(value)) return
    for (const [field, list] of Object.entries(value)) {
      if (!Array.isArray(list)) continue
      for (const element of list) {
        const topic = topicOf(field, element, names)
        if (topic === undefined) visit(element)
        else {
          const partitions = partitionsIn(element)
          if (partitions.length === 0) found.push({ topic, partition: undefined })
          for (const partition of partitions) found.push({ topic, partition })
        }
      }
    }
  }
  visit(request)
  return found
}

/** The partitions inside a topic's element. */
const partitionsIn = (element: unknown): number[] => {
  const list = isFields(element) ? partitionList(element) : undefined
  return (list?.[1] ?? []).flatMap((each) => partitionOf(each) ?? [])
}

const partitionList = (topic: Fields): [string, unknown[]] | undefined => {
  for (const [field, list] of Object.entries(topic)) {
    if (/partition/i.test(field) && Array.isArray(list)) return [field, list]
  }
  return undefined
}

/** Whether a part is one that the filter means. */
export const isMeant = ({ topic, partition }: TopicPartition, filter: PartFilter): boolean =>
  (filter.topic === undefined || filter.topic === topic) &&
  (filter.partition === undefined || partition === undefined || filter.partition === partition)

/** A request in two: what the filter means, and the rest; undefined where there is nothing of it. */
export interface SplitRequest {
  readonly meant: Fields | undefined
  readonly rest: Fields | undefined
}

/** Divides a decoded request by topics and partitions. A filter that names neither means all of it. */
export const splitRequest = (
  request: Fields,
  filter: PartFilter,
  names: TopicNames,
): SplitRequest => {
  if (filter.topic === undefined && filter.partition === undefined) {
    return { meant: request, rest: undefined }
  }
  return splitFields(request, filter, names)
}

const splitFields = (value: Fields, filter: PartFilter, names: TopicNames): SplitRequest => {
  const meant: Fields = { ...value }
  const rest: Fields = { ...value }
  let hasMeant = false
  let hasRest = false
  for (const [field, list] of Object.entries(value)) {
    if (!Array.isArray(list) || !list.some((element) => isFields(element) || holdsTopics(field))) {
      continue
    }
    const halves = list.map((element) => splitElement(field, element, filter, names))
    meant[field] = halves.flatMap((half) => (half.meant === undefined ? [] : [half.meant]))
    rest[field] = halves.flatMap((half) => (half.rest === undefined ? [] : [half.rest]))
    hasMeant ||= halves.some((half) => half.meant !== undefined)
    hasRest ||= halves.some((half) => half.rest !== undefined)
  }
  return { meant: hasMeant ? meant : undefined, rest: hasRest ? rest : undefined }
}

const splitElement = (
  field: string,
  element: unknown,
  filter: PartFilter,
  names: TopicNames,
): { readonly meant: unknown; readonly rest: unknown } => {
  const topic = topicOf(field, element, names)
  if (topic === undefined) {
    return isFields(element)
      ? splitFields(element, filter, names)
      : { meant: undefined, rest: element }
  }
  if (filter.topic !== undefined && filter.topic !== topic) {
    return { meant: undefined, rest: element }
  }
  const partitions = isFields(element) ? partitionList(element) : undefined
  if (filter.partition === undefined || partitions === undefined) {
    return { meant: element, rest: undefined }
  }
  const [name, list] = partitions
  const some = list.filter((each) => partitionOf(each) === filter.partition)
  const others = list.filter((each) => partitionOf(each) !== filter.partition)
  const withList = (part: unknown[]): unknown =>
    part.length === 0 ? undefined : { ...(element as Fields), [name]: part }
  return { meant: withList(some), rest: withList(others) }
}
