import { expect, it } from 'vitest'
import { EventStream } from '../events.js'
import { recordEvents } from './event-record.js'

it('tells of topics, and leaves internal ones out', () => {
  const events = new EventStream({ clusterId: 'AAAAAAAAAAAAAAAAAAAAAA', nodeId: 1 })
  const record = recordEvents(events)
  const election = { partition: 0, leader: 1, leaderEpoch: 0, isr: [1] }
  events.publish('election', { topic: 'orders', ...election })
  for (let partition = 0; partition < 50; partition++) {
    events.publish('election', { ...election, topic: '__consumer_offsets', partition })
  }
  expect(record()).toBe('election topic="orders" partition=0 leader=1 leaderEpoch=0 isr=[1]')
  events.close()
})
