import {
  newestNode,
  startApacheKafka,
  startKfake,
  startOttlaBroker,
} from '@ottla-test/apache-kafka'
import { type MeasuredBroker, startBareBroker } from '../limit/start-bare-broker.ts'

/** A broker of the comparison. */
export interface BenchBroker {
  name: string
  start: () => Promise<MeasuredBroker>
}

/** A heap as its own start script gives it, and a compiler that may do its best. */
const serverJvm = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC']

/** The first one is what ratios refer to. */
export const brokers: readonly BenchBroker[] = [
  { name: 'ottla, on disk', start: async () => startOttlaBroker({ node: await newestNode() }) },
  {
    name: 'ottla, in memory',
    start: async () => startOttlaBroker({ node: await newestNode(), inMemory: true }),
  },
  { name: 'kfake, in memory', start: () => startKfake() },
  { name: 'kfake, on disk', start: () => startKfake({ onDisk: true }) },
  { name: 'bare loop (limit)', start: startBareBroker },
  { name: 'Apache Kafka', start: () => startApacheKafka({ jvmArgs: serverJvm }) },
]
