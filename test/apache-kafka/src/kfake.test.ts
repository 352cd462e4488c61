import { Metadata } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { startKfake } from './kfake.js'
import { request } from './request.js'
import { requires } from './requires.js'

describe.runIf(requires('go'))('startKfake', () => {
  it('serves, and serves again on the same port after a restart', async () => {
    const kfake = await startKfake()
    try {
      await kfake.restart()
      const answer = await request(kfake.bootstrapServers, Metadata, 9, { topics: [] })
      expect(answer.brokers).toHaveLength(1)
    } finally {
      await kfake.remove()
    }
  })
})
