/** Kafka administration for Node.js. */
export const packageName = '@ottla/admin'
