import { type Broker, startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe } from 'vitest'
import { updateFeatures } from './src/update-features.js'

describe('updates of features on our broker', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(() => broker?.close())

  updateFeatures(() => broker.bootstrapServers)
})
