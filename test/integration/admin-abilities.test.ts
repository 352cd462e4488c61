import { Admin } from '@ottla/admin'
import { type Broker, startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe } from 'vitest'
import { adminAbilities, listsConfigResources } from './src/admin-abilities.js'

describe('administering our broker', () => {
  let broker: Broker
  let admin: Admin

  beforeAll(async () => {
    broker = await startBroker()
    admin = new Admin({ bootstrapServers: broker.bootstrapServers })
  })
  afterAll(async () => {
    await admin?.close()
    await broker?.close()
  })

  adminAbilities(() => ({ bootstrapServers: broker.bootstrapServers, admin }))
  listsConfigResources(() => ({ bootstrapServers: broker.bootstrapServers, admin }))
})
