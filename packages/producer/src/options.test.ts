import { InvalidArgumentError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { type ProducerOptions, resolveProducerOptions } from './options.js'

const resolve = (options: Omit<ProducerOptions, 'bootstrapServers'>) =>
  resolveProducerOptions({ bootstrapServers: 'localhost:9092', ...options })

describe('producer options', () => {
  it('default to Kafka’s guarantees', () => {
    expect(resolve({})).toMatchObject({
      acks: -1,
      enableIdempotence: true,
      compression: 'none',
      lingerMs: 0,
      maxRequestSize: 1_048_576,
      bufferMemory: 33_554_432,
      deliveryTimeoutMs: 120_000,
      maxInFlightRequestsPerConnection: 5,
    })
    expect(resolve({ acks: 'all' }).acks).toBe(-1)
  })

  it('give up idempotence when something rules it out, and refuse it when asked for', () => {
    expect(resolve({ acks: 1 }).enableIdempotence).toBe(false)
    expect(resolve({ retries: 0 }).enableIdempotence).toBe(false)
    expect(resolve({ maxInFlightRequestsPerConnection: 6 }).enableIdempotence).toBe(false)
    expect(resolve({ enableIdempotence: false }).enableIdempotence).toBe(false)
    expect(() => resolve({ acks: 0, enableIdempotence: true })).toThrow(/acks is 0, not "all"/)
  })

  it('want a delivery timeout that holds lingering and one request', () => {
    expect(() => resolve({ deliveryTimeoutMs: 1000 })).toThrow(
      /at least lingerMs \+ requestTimeoutMs/,
    )
    expect(resolve({ deliveryTimeoutMs: 1000, requestTimeoutMs: 500 }).deliveryTimeoutMs).toBe(1000)
    expect(resolve({ requestTimeoutMs: 200_000 }).deliveryTimeoutMs).toBe(200_000)
  })

  it('say what is wrong and what would be right', () => {
    const wrong = (options: object, message: RegExp) => {
      expect(() => resolve(options)).toThrow(InvalidArgumentError)
      expect(() => resolve(options)).toThrow(message)
    }
    wrong({ acks: 2 }, /acks must be 0, 1, -1 or "all", not 2/)
    wrong({ compression: 'brotli' }, /compression must be one of 'none', 'gzip'/)
    wrong({ linger: 5 }, /no option linger\. Did you mean lingerMs\?/)
    wrong({ batchSize: -1 }, /batchSize must be an integer from 0/)
    wrong({ partitioner: 'random' }, /partitioner must be "murmur2"/)
  })
})
