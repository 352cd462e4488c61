import { ListGroupsResponse } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { codecAt } from '../match/compare.js'
import { leaksInto, oneMore } from './leak.js'

describe('leaksInto', () => {
  const codec = codecAt(ListGroupsResponse.schema, ['groups'])
  const other = { groupId: 'other', protocolType: 'consumer', groupState: 'Stable', groupType: '' }

  it('puts what a list is said to lack into it, like the elements that it has', () => {
    expect(leaksInto([other], [{ groupId: 'mine' }], codec)).toEqual([
      { kind: 'leaked', value: [other, { ...other, groupId: 'mine' }] },
    ])
  })

  it('makes a whole element by the schema where the list is empty', () => {
    const [{ value } = { value: [] }] = leaksInto([], [{ groupId: 'mine' }], codec)
    expect(value).toMatchObject([{ groupId: 'mine', groupState: '', protocolType: '' }])
  })
})

describe('oneMore', () => {
  it('repeats the first element, or makes an empty one', () => {
    expect(oneMore([3, 4], undefined)).toEqual({ kind: 'one more', value: [3, 4, 3] })
    const codec = codecAt(ListGroupsResponse.schema, ['groups'])
    expect(oneMore([], codec).value).toMatchObject([{ groupId: '', groupState: '' }])
  })
})
