import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ErrorCode } from '@ottla/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { numbered, startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

/** Short limits, so that what is waited for in vain ends within a test. */
const impatient = { defaultApiTimeoutMs: 300, retryBackoffMs: 5, allowAutoCreateTopics: false }

describe('assigned partitions that do not exist', () => {
  it('become an error of the loop that names them, whether or not an offset was given', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    for (const offset of [undefined, 0n]) {
      for (const [place, advice] of [
        [{ topic: 'trukcs', partition: 0 }, /the topic does not exist; create it, or correct/],
        [{ topic: 't', partition: 7 }, /the topic has 1 partition\(s\), numbered from 0/],
      ] as const) {
        const consumer = kit.consumer(impatient)
        consumer.assign([offset === undefined ? place : { ...place, offset }])
        const reading = take(consumer, 1, { commit: false })
        await expect(reading).rejects.toMatchObject({
          code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION',
          ...place,
        })
        await expect(reading).rejects.toThrow(advice)
        await consumer.close()
      }
    }
  })

  it('do not hold up the others, and are read when they appear', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 3))
    const consumer = kit.consumer({ ...impatient, defaultApiTimeoutMs: 60_000 })
    consumer.assign([
      { topic: 'late', partition: 0 },
      { topic: 't', partition: 0 },
    ])
    expect(valuesOf(await take(consumer, 3, { commit: false }))).toEqual(upTo(3))
    await kit.createTopic('late', 1)
    await kit.produce(numbered('late', 2, { from: 10 }))
    const late = await take(consumer, 3, { commit: false })
    expect(late.map(({ topic }) => topic)).toEqual(['t', 'late', 'late'])
  })

  it('can be waited for again after the error', async () => {
    const kit = await startKit()
    const consumer = kit.consumer(impatient)
    consumer.assign([{ topic: 'late', partition: 0 }])
    await expect(take(consumer, 1)).rejects.toThrow(/reading on looks for it anew/)
    await kit.createTopic('late', 1)
    await kit.produce(numbered('late', 1))
    expect(valuesOf(await take(consumer, 1, { commit: false }))).toEqual([0])
  })
})

describe('subscribed topics', () => {
  it('that do not exist are waited for, which an event tells', async () => {
    const kit = await startKit()
    const missing: unknown[] = []
    const listen = (event: unknown): void => void missing.push(event)
    subscribe('ottla:consumer:missing', listen)
    onTestFinished(() => void unsubscribe('ottla:consumer:missing', listen))
    const options = { groupId: 'g', clientId: 'c', topics: ['late'], retryBackoffMaxMs: 20 }
    const consumer = kit.consumer({ ...impatient, ...options })
    const reading = take(consumer, 1)
    await expect.poll(() => missing).toEqual([{ clientId: 'c', groupId: 'g', topics: ['late'] }])
    await kit.createTopic('late', 1)
    await kit.produce(numbered('late', 1))
    expect(valuesOf(await reading)).toEqual([0])
    expect(missing).toHaveLength(1)
  })

  it('that the brokers refuse are an error of the loop, at once', async () => {
    const kit = await startKit()
    const error = ErrorCode.INVALID_TOPIC_EXCEPTION
    kit.broker.faults.add({ api: 'Metadata', topic: 'a.b' }, { error })
    const consumer = kit.consumer({ groupId: 'g', topics: ['a.b'] })
    await expect(take(consumer, 1)).rejects.toMatchObject({
      code: 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION',
      topic: 'a.b',
    })
  })
})

describe('partitionsFor', () => {
  it('says soon that a topic does not exist', async () => {
    const kit = await startKit()
    const consumer = kit.consumer({ allowAutoCreateTopics: false })
    const asking = consumer.partitionsFor('trukcs')
    await expect(asking).rejects.toMatchObject({
      code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION',
      topic: 'trukcs',
    })
    await expect(asking).rejects.toThrow(/the topic does not exist: the brokers said so \d+ times/)
  })
})
