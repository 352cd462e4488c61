import { type Broker, startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe } from 'vitest'
import { clientQuotas } from './src/client-quotas.js'

describe('client quotas of our broker', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(() => broker?.close())

  clientQuotas(() => broker.bootstrapServers)
})
