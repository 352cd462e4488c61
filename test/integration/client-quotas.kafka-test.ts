import { type ApacheKafka, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe } from 'vitest'
import { clientQuotas } from './src/client-quotas.js'

describe.runIf(requires('java', 'maven'))('client quotas of Apache Kafka', () => {
  let kafka: ApacheKafka

  beforeAll(async () => {
    kafka = await startApacheKafka()
  })
  afterAll(() => kafka?.remove())

  clientQuotas(() => kafka.bootstrapServers)
})
