/** The Kafka group coordinator as pure state machines. */
export const packageName = '@ottla/coordinator'
