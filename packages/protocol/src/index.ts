/** The Kafka wire protocol as typed schemas: every API, record batches, compression. */
export const packageName = '@ottla/protocol'
export * from './error-codes.js'
export * from './errors.js'
