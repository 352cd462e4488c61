import { type ApacheKafka, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe } from 'vitest'
import { updateFeatures } from './src/update-features.js'

describe.runIf(requires('java', 'maven'))('updates of features on Apache Kafka', () => {
  let kafka: ApacheKafka

  beforeAll(async () => {
    kafka = await startApacheKafka()
  })
  afterAll(() => kafka?.remove())

  updateFeatures(() => kafka.bootstrapServers)
})
