import { MetadataResponse } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { codecAt } from '../match/compare.js'
import { anything, atLeast } from '../match/index.js'
import { mutationsOf, otherError, replaceAt } from './mutate.js'

const { shape } = MetadataResponse.schema

describe('mutationsOf', () => {
  it('drops, empties and shifts a value, and leaves out what changes nothing', () => {
    expect(mutationsOf(5, 5, shape.controllerId)).toEqual([
      { kind: 'dropped', value: -1 },
      { kind: 'off by one', value: 6 },
      { kind: 'off by one', value: 4 },
    ])
    expect(mutationsOf('id', 'id', shape.clusterId)).toEqual([
      { kind: 'dropped', value: null },
      { kind: 'emptied', value: '' },
    ])
    expect(mutationsOf([], [], shape.topics)).toEqual([])
  })

  it('asks a matcher which values it must not take', () => {
    expect(mutationsOf(5, atLeast(3), shape.controllerId)).toEqual([{ kind: 'outside', value: 2 }])
    expect(mutationsOf(5, anything, shape.controllerId)).toEqual([])
  })

  it('swaps an error code for one that the rule does not allow', () => {
    expect(otherError(3, 3)).toEqual([{ kind: 'another value', value: 0 }])
    expect(otherError(0, 0)).toEqual([{ kind: 'another value', value: -1 }])
  })
})

describe('replaceAt', () => {
  const answer = { topics: [{ name: 'a' }, { name: 'b' }], brokers: [] }

  it('changes a copy, at one place or in every element', () => {
    expect(replaceAt(answer, ['topics', 1, 'name'], '')).toEqual({
      topics: [{ name: 'a' }, { name: '' }],
      brokers: [],
    })
    expect(replaceAt(answer, ['topics', '*', 'name'], '')).toEqual({
      topics: [{ name: '' }, { name: '' }],
      brokers: [],
    })
    expect(answer.topics[1]?.name).toBe('b')
  })

  it('leaves an answer alone that has no such place', () => {
    expect(replaceAt(answer, ['topics', 7, 'name'], '')).toBeUndefined()
  })
})

describe('codecAt', () => {
  it('walks lists by number and by star', () => {
    expect(codecAt(MetadataResponse.schema, ['topics', 0, 'isInternal'])?.kind).toBe('bool')
    expect(codecAt(MetadataResponse.schema, ['topics', '*', 'isInternal'])?.kind).toBe('bool')
    expect(codecAt(MetadataResponse.schema, ['topics', 'isInternal'])).toBeUndefined()
  })
})
