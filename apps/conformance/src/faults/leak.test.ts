import { ListGroupsResponse } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { codecAt } from '../match/compare.js'
import { containing, lacking } from '../match/index.js'
import { leaksInto } from './leak.js'

describe('leaksInto', () => {
  const codec = codecAt(ListGroupsResponse.schema, ['groups'])
  const other = { groupId: 'other', protocolType: 'consumer', groupState: 'Stable', groupType: '' }

  it('puts what a list is said to lack into it, like the elements that it has', () => {
    expect(leaksInto([other], lacking({ groupId: 'mine' }), codec)).toEqual([
      { kind: 'leaked', value: [other, { ...other, groupId: 'mine' }] },
    ])
  })

  it('makes a whole element by the schema where the list is empty', () => {
    const [{ value } = { value: [] }] = leaksInto([], lacking({ groupId: 'mine' }), codec)
    expect(value).toMatchObject([{ groupId: 'mine', groupState: '', protocolType: '' }])
  })

  it('leaves lists alone that are said to have something', () => {
    expect(leaksInto([other], containing({ groupId: 'other' }), codec)).toEqual([])
  })
})
