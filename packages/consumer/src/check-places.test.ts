import { expect, it } from 'vitest'
import type { AssignedFrom } from './calls.js'
import { Consumer } from './consumer.js'

const bootstrapServers = 'localhost:1'

it.each([
  [
    { topic: 't', partition: 0 },
    'assign() takes an array of { topic, partition, offset }, not an object.',
  ],
  ['t', "not 't'."],
  [['t'], "assign()[0] must be an object { topic, partition, offset }, not 't'."],
  [
    [{ topic: 't', partition: 0 }, { partition: 0 }],
    'assign()[1].topic must be a topic name, not undefined.',
  ],
  [[{ topic: 'a b', partition: 0 }], "'a b' is no topic name"],
  [
    [{ topic: 't', partition: '0' }],
    "assign()[0].partition must be an integer of at least 0, not '0'.",
  ],
  [[{ topic: 't', partition: -1 }], 'not -1.'],
  [
    [{ topic: 't', partition: 0, offset: '5' }],
    "assign()[0].offset must be a bigint or an integer, 0 or more, not '5'.",
  ],
  [[{ topic: 't', partition: 0, offset: -1n }], 'not -1n.'],
])('assign(%o) is refused', (input, message) => {
  const consumer = new Consumer({ bootstrapServers })
  expect(() => consumer.assign(input as AssignedFrom[])).toThrow(message)
  expect(consumer.assignment).toEqual([])
})

it.each(['a b', 'größe', '.', '..', 'x'.repeat(250)])('%s is no topic name', (name) => {
  const create = () => new Consumer({ bootstrapServers, groupId: 'g', topics: ['t', name] })
  expect(create).toThrow('is no topic name')
  const consumer = new Consumer({ bootstrapServers, groupId: 'g' })
  expect(() => consumer.subscribe(name)).toThrow('is no topic name')
})

it('topic names may be as long as Kafka allows', () => {
  const topics = ['x'.repeat(249), '...', 'a.b_c-D9', /a b/]
  new Consumer({ bootstrapServers, groupId: 'g', topics })
})
