import type { BrokerOptions } from '@ottla/broker'
import { brokerTest, useBroker } from '@ottla/broker/vitest'
import { Producer } from '@ottla/producer'
import { describe, expect, test } from 'vitest'

const it = brokerTest.extend<{ brokerOptions: BrokerOptions }>({
  brokerOptions: [{ configs: { 'num.partitions': '3' } }, { scope: 'file' }],
})

/** Sends one record; the topic comes to be by that. */
const send = async (bootstrapServers: string) => {
  const producer = new Producer({ bootstrapServers })
  try {
    return await producer.send({ topic: 't', key: 'k', value: 'v' })
  } finally {
    await producer.close()
  }
}

describe('brokerTest', () => {
  const ports = new Set<number>()

  it('starts a broker with the options given', async ({ broker }) => {
    ports.add(broker.port)
    expect(await send(broker.bootstrapServers)).toMatchObject({ offset: 0n })
    expect((await broker.waitFor.topic('t')).partitions).toBe(3)
  })

  it('empties it for the next test', async ({ broker }) => {
    ports.add(broker.port)
    await broker.waitFor.topicGone('t', { timeoutMs: 0 })
    expect(await send(broker.bootstrapServers)).toMatchObject({ offset: 0n })
    broker.faults.add({ api: 'Metadata' }, { drop: 'before' })
    await broker.kill()
  })

  it('starts it again where a test has left it stopped', async ({ broker }) => {
    ports.add(broker.port)
    expect(await send(broker.bootstrapServers)).toMatchObject({ offset: 0n })
    expect(ports.size).toBe(1)
  })
})

describe('useBroker', async () => {
  const broker = await useBroker()

  test.each([1, 2])('gives an empty broker to vitest’s own tests (%i)', async () => {
    expect(broker.requests.list()).toEqual([])
    expect(await send(broker.bootstrapServers)).toMatchObject({ offset: 0n })
  })
})
