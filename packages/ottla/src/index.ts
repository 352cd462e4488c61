/** Kafka for TypeScript: producer, consumer and admin on one connection pool. */
export * from '@ottla/admin'
export * from '@ottla/consumer'
export type { ClientOptions } from '@ottla/network'
export * from '@ottla/producer'
export { Ottla, type OttlaOptions, type OwnOptions } from './ottla.js'
