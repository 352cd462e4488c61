/** Kafka producer for Node.js. */
export const packageName = '@ottla/producer'
