import { setTimeout as delay } from 'node:timers/promises'
import { Consumer, Producer } from '@platformatic/kafka'
import type { Client, Outgoing } from '../client.js'
import { sendInChunks } from './send-in-chunks.js'

/** @platformatic/kafka, with the partitioner it has by default. */
export const platformatic: Client = {
  name: '@platformatic/kafka',
  async sender(bootstrapServers, { requestTimeoutMs }) {
    const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
      clientId: 'pains',
      bootstrapBrokers: [bootstrapServers],
      requestTimeout: requestTimeoutMs,
    })
    const messageOf = (topic: string, { key, value }: Outgoing) => ({
      topic,
      value: Buffer.from(value),
      ...(key === undefined ? {} : { key: Buffer.from(key) }),
    })
    const send = async (topic: string, records: readonly Outgoing[]): Promise<void> => {
      await producer.send({ messages: records.map((record) => messageOf(topic, record)) })
    }
    return {
      send,
      sendMany: (topic, records) => sendInChunks(records, (chunk) => send(topic, chunk)),
      close: () => producer.close(),
    }
  },
  async consume(options) {
    const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
      clientId: 'pains',
      groupId: options.groupId,
      bootstrapBrokers: [options.bootstrapServers],
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatMs,
      rebalanceTimeout: Math.max(options.maxPollIntervalMs, options.sessionTimeoutMs),
      requestTimeout: options.requestTimeoutMs,
    })
    const stream = await consumer.consume({
      topics: [options.topic],
      mode: 'committed',
      fallbackMode: options.from,
      autocommit: options.autoCommitMs,
      maxWaitTime: 500,
    })
    const reading = (async () => {
      for await (const { partition, offset, value } of stream) {
        await options.handler({ partition, offset: Number(offset), value: String(value) })
      }
    })()
    let failure: unknown
    reading.catch((error: unknown) => {
      failure = error
    })
    return {
      close: async () => {
        await stream.close()
        // A handler that never returns keeps the loop; whoever closes does not wait for it.
        await Promise.race([reading.catch(() => {}), delay(100)])
        await consumer.close()
        if (failure !== undefined) throw failure
      },
    }
  },
}
