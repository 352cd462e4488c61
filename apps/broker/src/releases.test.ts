import { type Api, Fetch, Metadata, OffsetCommit, Produce } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { allHandlers } from './handlers/index.js'
import { featuresOf, handlersOf, kafkaReleases } from './releases.js'

describe('releases', () => {
  const ranges = (release: (typeof kafkaReleases)[number], api: Api) => {
    const handler = handlersOf(release, allHandlers).get(api.key)
    return handler && [handler.advertised, handler.versions]
  }

  it('cuts ranges to those of the release', () => {
    expect(ranges('3.9', Metadata)).toEqual([
      { min: 0, max: 12 },
      { min: 0, max: 12 },
    ])
    expect(ranges('4.0', Fetch)).toEqual([
      { min: 4, max: 17 },
      { min: 4, max: 17 },
    ])
    expect(ranges('4.4', Fetch)).toEqual([
      { min: 4, max: 18 },
      { min: 4, max: 18 },
    ])
  })

  it('shows Produce from version 0 on in every release, and takes none below 3', () => {
    for (const release of kafkaReleases) {
      const [advertised, versions] = ranges(release, Produce) ?? []
      expect(advertised?.min).toBe(0)
      expect(versions?.min).toBe(3)
    }
  })

  it('leaves out versions that a release has not enabled', () => {
    expect(ranges('4.1', OffsetCommit)?.[1]).toEqual({ min: 2, max: 9 })
    expect(ranges('4.2', OffsetCommit)?.[1]).toEqual({ min: 2, max: 10 })
  })

  it('keeps the handlers in the order of their keys', () => {
    const keys = [...handlersOf('4.4', allHandlers).keys()]
    expect(keys).toEqual([...keys].sort((a, b) => a - b))
  })

  it('knows the metadata versions of each release', () => {
    expect(kafkaReleases.map((release) => featuresOf(release)[0]?.maxVersion)).toEqual([
      21, 25, 27, 29, 30, 33,
    ])
  })
})
