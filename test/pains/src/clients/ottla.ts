import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import type { Client } from '../client.js'

/** Ours. */
export const ottla: Client = {
  name: 'ottla',
  async sender(bootstrapServers, { requestTimeoutMs }) {
    const producer = new Producer({ bootstrapServers, requestTimeoutMs })
    return {
      send: async (topic, records) => {
        await producer.send(records.map((record) => ({ topic, ...record })))
      },
      sendMany: async (topic, records) => {
        for (const record of records) {
          if (!producer.enqueue({ topic, ...record })) await producer.drained()
        }
        await producer.flush()
      },
      close: () => producer.close(),
    }
  },
  async consume(options) {
    const { handler, from } = options
    const consumer = new Consumer({
      bootstrapServers: options.bootstrapServers,
      groupId: options.groupId,
      topics: [options.topic],
      autoOffsetReset: from,
      autoCommitIntervalMs: options.autoCommitMs,
      sessionTimeoutMs: options.sessionTimeoutMs,
      heartbeatIntervalMs: options.heartbeatMs,
      maxPollIntervalMs: options.maxPollIntervalMs,
      requestTimeoutMs: options.requestTimeoutMs,
    })
    const running = consumer.run({
      eachRecord: ({ partition, offset, value }) =>
        handler({ partition, offset: Number(offset), value: String(value) }),
    })
    return {
      close: async () => {
        await consumer.close()
        await running
      },
    }
  },
}
