import { Admin, orThrow } from '@ottla/admin'
import { Producer } from '@ottla/producer'
import { ErrorCode } from '@ottla/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { deferred, startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

it('copies what is enqueued before the call returns, also while the topic is looked up', async () => {
  const kit = await startKit()
  await kit.createTopic('copied')
  const producer = new Producer({ bootstrapServers: kit.broker.bootstrapServers })
  onTestFinished(() => producer.close())
  const value = Buffer.alloc(1)
  for (const number of upTo(3)) {
    value.write(`${number}`)
    producer.enqueue({ topic: 'copied', key: value, value, headers: { h: value } })
  }
  await producer.flush()
  const read = await take(kit.consumer({ groupId: 'g', topics: ['copied'] }), 3)
  expect(valuesOf(read)).toEqual([0, 1, 2])
  expect(read.map(({ key }) => String(key))).toEqual(['0', '1', '2'])
})

it('goes on with a topic that was deleted and created anew', async () => {
  const kit = await startKit()
  const { bootstrapServers } = kit.broker
  const admin = new Admin({ bootstrapServers })
  const producer = new Producer({ bootstrapServers })
  onTestFinished(async () => {
    await producer.close()
    await admin.close()
  })
  await kit.createTopic('again', 2)
  for (const value of ['0', '1', '2']) {
    await producer.send({ topic: 'again', partition: 0, value })
  }
  orThrow(await admin.deleteTopics(['again']))
  await kit.createTopic('again', 2)
  const sent = upTo(10).map((number) =>
    producer.send({ topic: 'again', partition: 0, value: `${number}` }),
  )
  const metadata = await Promise.all(sent)
  expect(metadata.map(({ offset }) => Number(offset))).toEqual(upTo(10))
})

it('sends to partitions that were added while it runs', async () => {
  const kit = await startKit()
  const { bootstrapServers } = kit.broker
  const admin = new Admin({ bootstrapServers })
  const producer = new Producer({ bootstrapServers })
  onTestFinished(async () => {
    await producer.close()
    await admin.close()
  })
  await kit.createTopic('wider', 1)
  await producer.send({ topic: 'wider', value: '0' })
  orThrow(await admin.createPartitions([{ name: 'wider', partitions: 3 }]))
  const { partition, offset } = await producer.send({ topic: 'wider', partition: 2, value: '1' })
  expect([partition, offset]).toEqual([2, 0n])
})

it('fails at once for a topic whose name the brokers refuse', async () => {
  const kit = await startKit()
  const error = ErrorCode.INVALID_TOPIC_EXCEPTION
  const fault = kit.broker.faults.add({ api: 'Metadata', topic: 'a.b' }, { error })
  const producer = new Producer({ bootstrapServers: kit.broker.bootstrapServers })
  onTestFinished(() => producer.close())
  await expect(producer.send({ topic: 'a.b', value: 'v' })).rejects.toMatchObject({
    code: 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION',
    topic: 'a.b',
  })
  await fault.hit()
})

it('does not send what is called off while its topic is looked up', async () => {
  const kit = await startKit()
  const lookingUp = kit.broker.faults.add({ api: 'Metadata', topic: 't' }, { stop: 'answering' })
  const producer = new Producer({ bootstrapServers: kit.broker.bootstrapServers })
  const controller = new AbortController()
  const { signal } = controller
  const calledOff = [
    producer.send({ topic: 't', value: '7' }, { signal }),
    producer.send([{ topic: 't', value: '8' }], { signal }),
  ]
  await lookingUp.hit()
  controller.abort(new Error('enough'))
  for (const sent of calledOff) await expect(sent).rejects.toThrow('enough')
  await expect(producer.send({ topic: 't', value: '9' }, { signal })).rejects.toThrow('enough')
  // Nothing is left to wait for, although the topic is still not known.
  await producer.flush()
  expect(producer.stats.bufferedBytes).toBe(0)
  const sent = producer.send({ topic: 't', value: '0' })
  lookingUp.remove()
  expect((await sent).offset).toBe(0n)
  await producer.close()
})

it('keeps the order of what stays when the first in memory is called off', async () => {
  const kit = await startKit()
  await kit.createTopic('t')
  const lookingUp = kit.broker.faults.add({ api: 'Metadata', topic: 't' }, { stop: 'answering' })
  const { bootstrapServers } = kit.broker
  const producer = new Producer({ bootstrapServers, bufferMemory: 4200 })
  onTestFinished(() => producer.close({ timeoutMs: 0 }))
  const controller = new AbortController()
  const send = (name: string, signal = new AbortController().signal) =>
    producer.send({ topic: 't', value: name.padEnd(300) }, { signal })
  const calledOff = send('a', controller.signal)
  const bytesOfOne = producer.stats.bufferedBytes
  const stay = ['b', 'c', 'd'].map((name) => send(name))
  await lookingUp.hit()
  // The last one waits for memory.
  expect(producer.stats.bufferedBytes).toBe(3 * bytesOfOne)
  controller.abort(new Error('enough'))
  await expect(calledOff).rejects.toThrow('enough')
  expect(producer.stats.bufferedBytes).toBe(3 * bytesOfOne)
  lookingUp.remove()
  expect((await Promise.all(stay)).map(({ offset }) => offset)).toEqual([0n, 1n, 2n])
})

it('does not send what is called off while serializers run', async () => {
  const kit = await startKit()
  await kit.createTopic('t')
  const serialized = deferred()
  const producer = new Producer({
    bootstrapServers: kit.broker.bootstrapServers,
    valueSerializer: {
      serialize: (value: string) =>
        value === 'slow' ? serialized.promise.then(() => value) : value,
    },
  })
  onTestFinished(() => producer.close({ timeoutMs: 0 }))
  const controller = new AbortController()
  const { signal } = controller
  const calledOff = [
    producer.send({ topic: 't', value: 'slow' }, { signal }),
    producer.send({ topic: 't', value: 'behind it' }, { signal }),
    producer.send([{ topic: 't', value: 'many' }], { signal }),
  ]
  const sent = producer.send({ topic: 't', value: 'stays' })
  controller.abort(new Error('enough'))
  for (const one of calledOff) await expect(one).rejects.toThrow('enough')
  serialized.resolve()
  expect((await sent).offset).toBe(0n)
})
