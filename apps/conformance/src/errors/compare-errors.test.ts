import { Metadata, Produce } from '@ottla/protocol'
import { apis } from '@ottla/protocol/registry'
import { describe, expect, test } from 'vitest'
import { allRules } from '../cases/index.js'
import { releaseProfiles } from '../releases/index.js'
import type { Result } from '../run/result.js'
import { compareErrors } from './compare-errors.js'
import { documentedErrors, unprovokedErrors } from './documented-errors.js'
import { formatErrors, summarizeErrors } from './format-errors.js'
import { provokedErrors } from './provoked-errors.js'

const [rule] = allRules()
if (rule === undefined) throw new Error('there are no rules')

/** An execution that compared an error code in an answer. */
const result = (status: Result['status'], path: string, actual: number): Result => ({
  rule,
  version: 0,
  status,
  durationMs: 1,
  reads: [
    {
      path: ['topics', 0, path],
      wanted: actual,
      actual,
      exchange: { index: 1, api: Metadata, version: 0, request: {} },
    },
  ],
})

describe('what is documented', () => {
  test('covers every API that a release advertises to clients, once', () => {
    const advertised = new Set(releaseProfiles.flatMap((profile) => Object.keys(profile.apis)))
    const listed = documentedErrors().map(({ api }) => api)
    expect(listed.toSorted()).toEqual([...advertised].toSorted())
  })

  test('names APIs that there are, in the reasons too', () => {
    const known = new Set(apis.map(({ name }) => name))
    const named = unprovokedErrors().flatMap((one) => one.apis ?? [])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  test('has a reason only where an API lists the error', () => {
    const listed = documentedErrors()
    const unused = unprovokedErrors().flatMap(({ codes, apis: own }) =>
      codes.filter((code) =>
        (own ?? [undefined]).some(
          (api) => !listed.some((one) => one.codes.includes(code) && (!api || one.api === api)),
        ),
      ),
    )
    expect(unused).toEqual([])
  })
})

describe('what was provoked', () => {
  test('is what a rule that passed compared, by API and name', () => {
    const found = provokedErrors([
      result('passed', 'errorCode', 3),
      result('passed', 'errorCode', 0),
      result('passed', 'throttleTimeMs', 17),
      result('failed', 'errorCode', 29),
    ])
    expect([...(found.get('Metadata') ?? [])]).toEqual([['UNKNOWN_TOPIC_OR_PARTITION', [rule.id]]])
    expect(found.size).toBe(1)
  })

  test('is told from what is missing, excused, or excused in vain', () => {
    const provoked = provokedErrors([
      result('passed', 'errorCode', 3),
      result('passed', 'errorCode', 17),
      result('passed', 'errorCode', 41),
    ])
    const comparison = compareErrors(
      provoked,
      [
        {
          api: Metadata.name,
          sources: [],
          codes: ['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'LISTENER_NOT_FOUND'],
        },
        { api: Produce.name, sources: [], codes: ['KAFKA_STORAGE_ERROR'] },
      ],
      [
        { codes: ['KAFKA_STORAGE_ERROR'], reason: 'a disk has to fail' },
        { codes: ['INVALID_TOPIC_EXCEPTION'], apis: ['Metadata'], reason: 'none' },
      ],
    )
    expect(comparison.missing.map(({ code }) => code)).toEqual(['LISTENER_NOT_FOUND'])
    expect(comparison.outdated.map(({ code }) => code)).toEqual(['INVALID_TOPIC_EXCEPTION'])
    expect(comparison.unlisted).toEqual(['Metadata NOT_CONTROLLER'])
    expect(formatErrors(comparison)).toContain('| KAFKA_STORAGE_ERROR | a disk has to fail |')
    expect(summarizeErrors(comparison)).toBe(
      [
        'no rule provokes Metadata LISTENER_NOT_FOUND',
        'provoked, though a reason says that it cannot be: Metadata INVALID_TOPIC_EXCEPTION',
        '4 errors listed, 1 without a rule or a reason\n',
      ].join('\n'),
    )
  })
})
