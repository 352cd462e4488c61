import { brokerTest as it } from '@ottla/broker/vitest'
import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { expect } from 'vitest'

it('survives a restart of the broker', async ({ broker }) => {
  const { bootstrapServers } = broker
  const producer = new Producer({ bootstrapServers })
  await producer.send({ topic: 'orders', value: 'one' })
  await broker.kill()
  await broker.restart()
  await producer.send({ topic: 'orders', value: 'two' })
  await producer.close()

  const options = { groupId: 'shop', topics: ['orders'], autoOffsetReset: 'earliest' } as const
  const consumer = new Consumer({ bootstrapServers, ...options })
  const values: string[] = []
  for await (const { value } of consumer) {
    values.push(String(value))
    if (values.length === 2) break
  }
  await consumer.close()
  expect(values).toEqual(['one', 'two'])
})
