import { systemPlatform } from '@ottla/network'
import { describe, expect, it } from 'vitest'
import { Producer } from './producer.js'

describe('producer without a broker', () => {
  it('closes at once when nothing was sent', async () => {
    const producer = new Producer({ bootstrapServers: '127.0.0.1:1' })
    await producer.close()
    await producer.close()
    await expect(producer.send({ topic: 't', value: 'v' })).rejects.toMatchObject({
      code: 'OTTLA_CLOSED',
    })
    expect(() => producer.enqueue({ topic: 't', value: 'v' })).toThrow(/closed/)
  })
})
void systemPlatform
