/** A readable Kafka broker that starts in milliseconds, for integration tests and for reading. */
export const packageName = '@ottla/broker'
