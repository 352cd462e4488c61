/** Kafka producer for Node.js. */
export { RecordMetadata } from './record.js'
