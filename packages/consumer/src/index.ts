/** Kafka consumer for Node.js. */
export const packageName = '@ottla/consumer'
