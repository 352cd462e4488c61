import { Kafka, logLevel } from 'kafkajs'
import type { Client, Outgoing } from '../client.js'
import { sendInChunks } from './send-in-chunks.js'

/** kafkajs, with the partitioner it has by default. */
export const kafkajs: Client = {
  name: 'kafkajs',
  async sender(bootstrapServers, { requestTimeoutMs }) {
    const kafka = new Kafka({
      brokers: [bootstrapServers],
      requestTimeout: requestTimeoutMs,
      logLevel: logLevel.NOTHING,
    })
    const producer = kafka.producer()
    await producer.connect()
    const send = async (topic: string, records: readonly Outgoing[]): Promise<void> => {
      await producer.send({ topic, messages: records.map((record) => ({ ...record })) })
    }
    return {
      send,
      // It has no call that says when to wait: its documentation awaits arrays.
      sendMany: (topic, records) => sendInChunks(records, (chunk) => send(topic, chunk)),
      close: () => producer.disconnect(),
    }
  },
  async consume(options) {
    const kafka = new Kafka({
      brokers: [options.bootstrapServers],
      requestTimeout: options.requestTimeoutMs,
      logLevel: logLevel.NOTHING,
    })
    const consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatMs,
      rebalanceTimeout: options.maxPollIntervalMs,
    })
    await consumer.connect()
    await consumer.subscribe({
      topics: [options.topic],
      fromBeginning: options.from === 'earliest',
    })
    await consumer.run({
      autoCommitInterval: options.autoCommitMs,
      eachMessage: ({ partition, message }) =>
        options.handler({
          partition,
          offset: Number(message.offset),
          value: String(message.value),
        }),
    })
    return { close: () => consumer.disconnect() }
  },
}
