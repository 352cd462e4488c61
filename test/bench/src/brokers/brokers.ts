import {
  type KafkaTarget,
  startApacheKafka,
  startKfake,
  startOttlaBroker,
} from '@ottla-test/apache-kafka'
import { newestNode } from '../newest-node.ts'

/** A broker of the comparison. */
export interface BenchBroker {
  name: string
  start: () => Promise<KafkaTarget>
}

/** A heap as its own start script gives it, and a compiler that may do its best. */
const serverJvm = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC']

/** The first one is what ratios refer to. */
export const brokers: readonly BenchBroker[] = [
  { name: 'ottla, on disk', start: () => startOttlaBroker({ node: newestNode() }) },
  {
    name: 'ottla, in memory',
    start: () => startOttlaBroker({ node: newestNode(), inMemory: true }),
  },
  { name: 'kfake, in memory', start: () => startKfake() },
  { name: 'kfake, on disk', start: () => startKfake({ onDisk: true }) },
  { name: 'Apache Kafka', start: () => startApacheKafka({ jvmArgs: serverJvm }) },
]
