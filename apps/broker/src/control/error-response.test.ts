import { ErrorCode } from '@ottla/protocol'
import { apis } from '@ottla/protocol/registry'
import { describe, expect, it } from 'vitest'
import { errorResponse } from './error-response.js'
import { mergeResponses } from './merge-responses.js'
import { elementOf, type Fields, fieldsAt } from './message-walk.js'
import { splitRequest } from './request-parts.js'

type Shape = Parameters<typeof fieldsAt>[0]

/** A request of a version with one element in every list. */
const sampleOf = (shape: Shape, version: number): Fields =>
  Object.fromEntries(
    fieldsAt(shape, version).map(([name, field]) => {
      const element = elementOf(field)
      if (element === undefined) return [name, field.absent()]
      if (element.shape !== undefined) return [name, [sampleOf(element.shape, version)]]
      return [name, [element.kind === 'string' ? 's' : element.kind === 'int64' ? 1n : 1]]
    }),
  )

const codesIn = (value: unknown): number[] => {
  if (Array.isArray(value)) return value.flatMap(codesIn)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    /errorCode$/i.test(name) ? [inner as number] : codesIn(inner),
  )
}

describe('error responses', () => {
  it.each(apis.map((api) => [api.name, api] as const))(
    'of %s say it at every version',
    (_, api) => {
      for (let version = api.versions.min; version <= api.versions.max; version++) {
        const request = sampleOf(api.request.schema.shape, version)
        const errorCode = ErrorCode.UNKNOWN_SERVER_ERROR
        const answer = { api, version, errorCode, filter: {} }
        const response = errorResponse(answer, request)
        const codec = api.response.at(version)
        const decoded = codec.decode(codec.encode(response))
        expect(codesIn(decoded), `version ${version}`).toContain(errorCode)
      }
    },
  )
})

describe('requests in two', () => {
  const names = (topicId: string) => (topicId === 'id of u' ? 'u' : undefined)
  const request = {
    groupId: 'g',
    topics: [
      { name: 't', partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] },
      { name: '', topicId: 'id of u', partitionIndexes: [0, 1] },
    ],
  }

  it('divide by topic and partition, whichever way a version names them', () => {
    const { meant, rest } = splitRequest(request, { topic: 'u', partition: 1 }, names)
    expect(meant?.topics).toEqual([{ name: '', topicId: 'id of u', partitionIndexes: [1] }])
    expect(rest?.topics).toEqual([
      request.topics[0],
      { name: '', topicId: 'id of u', partitionIndexes: [0] },
    ])
    const all = splitRequest(request, { partition: 1 }, names)
    expect(all.meant?.topics).toEqual([
      { name: 't', partitions: [{ partitionIndex: 1 }] },
      { name: '', topicId: 'id of u', partitionIndexes: [1] },
    ])
    expect(splitRequest(request, {}, names)).toEqual({ meant: request, rest: undefined })
    expect(splitRequest(request, { topic: 'x' }, names).meant).toBeUndefined()
  })

  it('find groups inside a request, and topics that are plain names', () => {
    const fetches = { groups: [{ groupId: 'g', topics: request.topics }] }
    const { meant, rest } = splitRequest(fetches, { topic: 't' }, names)
    expect(meant).toEqual({ groups: [{ groupId: 'g', topics: [request.topics[0]] }] })
    expect(rest).toEqual({ groups: [{ groupId: 'g', topics: [request.topics[1]] }] })
    const deletion = splitRequest({ topicNames: ['t', 'u'] }, { topic: 'u' }, names)
    expect([deletion.meant, deletion.rest]).toEqual([{ topicNames: ['u'] }, { topicNames: ['t'] }])
  })

  it('have answers that join to one', () => {
    const one = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 0 }] }] }
    const two = {
      topics: [
        { name: 't', partitions: [{ partitionIndex: 1, errorCode: 6 }] },
        { name: 'u', partitions: [{ partitionIndex: 0, errorCode: 6 }] },
      ],
    }
    expect(mergeResponses({ throttleTimeMs: 5, ...one }, two)).toEqual({
      throttleTimeMs: 5,
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 0, errorCode: 0 },
            { partitionIndex: 1, errorCode: 6 },
          ],
        },
        { name: 'u', partitions: [{ partitionIndex: 0, errorCode: 6 }] },
      ],
    })
  })
})
