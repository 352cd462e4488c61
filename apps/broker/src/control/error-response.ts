import { type Api, ErrorCode } from '@ottla/protocol'
import type { Field, Shape } from '@ottla/protocol/registry'
import {
  elementOf,
  type Fields,
  fieldsAt,
  isFields,
  partitionOf,
  sameField,
} from './message-walk.js'
import type { PartFilter } from './request-parts.js'

/** How deep in a response an error belongs: as far out as there is room, at topics, or at partitions. */
type Level = 'any' | 'topic' | 'partition'

/** Errors that these APIs have at the top; all others they tell per topic or partition. */
const topLevelErrors: Readonly<Record<string, ReadonlySet<number>>> = {
  Fetch: new Set([
    ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
    ErrorCode.INVALID_FETCH_SESSION_EPOCH,
    ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
    ErrorCode.INCONSISTENT_TOPIC_ID,
  ]),
  Metadata: new Set([ErrorCode.REBOOTSTRAP_REQUIRED]),
}

const isErrorCode = (name: string): boolean => /^(partition)?errorCode$/i.test(name)

/** Numbers for which "none" is -1 in every API. */
const noneIsNegative =
  /offset|timestamp|TimeMs$|epoch|watermark|leaderId|nodeId|^port$|producerId|generation/i

const noneOf = (name: string, field: Field): unknown => {
  const none = field.absent()
  if (field.default !== undefined || !noneIsNegative.test(name) || /throttle/.test(name))
    return none
  if (none === 0) return -1
  return none === 0n ? -1n : none
}

/** An error to be answered. */
export interface ErrorAnswer {
  readonly api: Api
  readonly version: number
  readonly errorCode: number
  readonly filter: PartFilter
}

const levelOf = ({ filter }: ErrorAnswer): Level => {
  if (filter.partition !== undefined) return 'partition'
  return filter.topic === undefined ? 'any' : 'topic'
}

/** Whether the error goes to the top of the response, if there is a place. */
export const hasRoomAtTop = ({ api, errorCode }: ErrorAnswer): boolean =>
  topLevelErrors[api.name]?.has(errorCode) ?? true

/**
 * The response that refuses a whole request with one error, in the shape that the API has at that version: made from the
 * schemas, so every API is covered. Things that the request lists come back one by one, each with the error, unless the
 * response has a place for it further out.
 */
export const errorResponse = (answer: ErrorAnswer, request: Fields): Fields => {
  const { shape } = answer.api.response.schema
  const level = levelOf(answer)
  // Where no deeper place exists, the outermost will do.
  const depth = level === 'any' || hasPlace(shape, answer.version, level, false) ? level : 'any'
  return mirror(shape, request, answer, depth, depth === 'any' && hasRoomAtTop(answer))
}

/** Whether an error code has a place in structs that stand for topics, or partitions. */
const hasPlace = (shape: Shape, version: number, level: Level, inside: boolean): boolean =>
  fieldsAt(shape, version).some(([name, field]) => {
    if (inside && isErrorCode(name)) return true
    const inner = elementOf(field)?.shape
    return inner !== undefined && hasPlace(inner, version, level, inside || isAt(inner, level))
  })

const isAt = (shape: Shape, level: Level): boolean => {
  const names = Object.keys(shape)
  if (level === 'any') return true
  if (level === 'partition')
    return names.some((name) => /^(partition(Index|Id)?|index)$/.test(name))
  return names.some((name) => /^(name|topic|topicName|topicId|resourceName)$/.test(name))
}

/** @param isReached whether the error may stand in this struct already. */
const mirror = (
  shape: Shape,
  source: unknown,
  answer: ErrorAnswer,
  level: Level,
  isReached: boolean,
): Fields => {
  const fields = fieldsAt(shape, answer.version)
  const isPlaced = isReached && fields.some(([name]) => isErrorCode(name))
  const value: Fields = {}
  for (const [name, field] of fields) {
    if (isErrorCode(name)) value[name] = isPlaced ? answer.errorCode : ErrorCode.NONE
    else {
      const inner = elementOf(field)?.shape
      if (inner === undefined) value[name] = identity(name, field, source) ?? noneOf(name, field)
      else if (isPlaced || !hasPlace(inner, answer.version, 'any', true))
        value[name] = field.absent()
      else {
        const list = isFields(source) ? sourceOf(name, inner, source) : []
        const isDeepEnough = isReached || isAt(inner, level)
        value[name] = list.map((element) => mirror(inner, element, answer, level, isDeepEnough))
      }
    }
  }
  return value
}

/** What a field repeats from the request; undefined if it is no repetition. */
const identity = (name: string, field: Field, source: unknown): unknown => {
  if (isFields(source)) {
    if (/^throttle|message$/i.test(name)) return undefined
    const same = sameField(name, source)
    return Array.isArray(same) || isFields(same) || ArrayBuffer.isView(same) ? undefined : same
  }
  const zero = field.absent()
  if (typeof source === 'string' && /name|id$|key|topic/i.test(name) && zero === '') return source
  return typeof source === 'number' && partitionOf({ [name]: source }) !== undefined
    ? source
    : undefined
}

/** The list of the request that a list of the response answers: the one with most fields in common. */
const sourceOf = (name: string, shape: Shape, source: Fields): unknown[] => {
  const lists = Object.entries(source).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0,
  )
  const score = ([field, [first]]: [string, unknown[]]): number => {
    if (/^forgotten/.test(field)) return -1
    const shared = isFields(first)
      ? Object.keys(shape).filter((key) => sameField(key, first) !== undefined).length
      : 0
    return shared + (field === name ? 1 : 0)
  }
  const [best] = [...lists].sort((one, other) => score(other) - score(one))
  return best?.[1] ?? []
}
