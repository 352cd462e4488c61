/** The ottla command: broker, topics, produce, consume, demo. */
export const packageName = '@ottla/cli'
