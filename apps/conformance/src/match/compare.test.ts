import { MetadataResponse } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { compare } from './compare.js'
import { absent, atLeast, containing, inAnyOrder, lacking, nonEmpty, oneOf } from './index.js'

const answer = MetadataResponse.at(0).decode(
  MetadataResponse.at(0).encode({
    brokers: [{ nodeId: 1, host: 'a', port: 9092 }],
    topics: [
      { errorCode: 0, name: 'one', partitions: [] },
      { errorCode: 3, name: 'two', partitions: [] },
    ],
  }),
)

const pathsOf = (pattern: unknown) => compare(answer, pattern).differences.map((one) => one.path)

describe('compare', () => {
  it('looks only at the fields that the pattern names', () => {
    expect(pathsOf({ brokers: [{ nodeId: 1 }] })).toEqual([])
  })

  it('names each place that differs, error codes with their names', () => {
    const { differences } = compare(answer, {
      brokers: [{ nodeId: 2, host: 'b' }],
      topics: [{ errorCode: 3 }, {}],
    })
    expect(differences).toEqual([
      { path: 'brokers[0].nodeId', expected: '2', actual: '1' },
      { path: 'brokers[0].host', expected: "'b'", actual: "'a'" },
      {
        path: 'topics[0].errorCode',
        expected: '3 (UNKNOWN_TOPIC_OR_PARTITION)',
        actual: '0 (NONE)',
      },
    ])
  })

  it('takes lists by length and order unless told otherwise', () => {
    const [one, two] = [{ name: 'one' }, { name: 'two' }]
    expect(pathsOf({ topics: [one, two] })).toEqual([])
    expect(pathsOf({ topics: [one] })).toEqual(['topics'])
    expect(pathsOf({ topics: [two, one] })).toEqual(['topics[0].name', 'topics[1].name'])
    expect(pathsOf({ topics: inAnyOrder(two, one) })).toEqual([])
    expect(pathsOf({ topics: inAnyOrder(two, two) })).toEqual(['topics'])
    expect(pathsOf({ topics: containing(two) })).toEqual([])
    expect(pathsOf({ topics: containing({ name: 'three' }) })).toEqual(['topics'])
    expect(pathsOf({ topics: lacking({ name: 'three' }) })).toEqual([])
    expect(pathsOf({ topics: lacking({ name: 'three' }, { name: 'two' }) })).toEqual(['topics[1]'])
  })

  it('takes matchers at the leaves', () => {
    expect(
      pathsOf({ brokers: [{ host: nonEmpty, port: atLeast(1), nodeId: oneOf(1, 2) }] }),
    ).toEqual([])
    expect(pathsOf({ brokers: absent })).toEqual(['brokers'])
    expect(pathsOf({ brokers: [{ port: atLeast(9093) }] })).toEqual(['brokers[0].port'])
  })

  it('passes over fields that the version of the answer lacks', () => {
    const pattern = { clusterId: 'there is none in version 0', brokers: [{ rack: 'r' }] }
    const codec = MetadataResponse.schema
    expect(compare(answer, pattern, { codec, version: 0 }).differences).toEqual([])
    expect(compare(answer, pattern, { codec, version: 2 }).differences).toHaveLength(2)
  })

  it('remembers what it read, searched elements without their place', () => {
    const { reads } = compare(answer, { topics: containing({ name: 'two' }), controllerId: -1 })
    expect(reads.map(({ path }) => path.join('.'))).toEqual([
      'topics',
      'topics.*.name',
      'controllerId',
    ])
  })
})
