/** Kafka protocol conformance suite. */
export const packageName = '@ottla/conformance'
