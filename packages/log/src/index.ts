/** Kafka's commit log: segments, indexes, epochs, producer state. */
export const packageName = '@ottla/log'
