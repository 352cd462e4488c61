/** Connections, sessions and cluster metadata for Kafka clients and brokers. */
export const packageName = '@ottla/network'
