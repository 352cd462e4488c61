/** Kafka for TypeScript: producer, consumer and admin on one connection pool. */
export const packageName = 'ottla'
