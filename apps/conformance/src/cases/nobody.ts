/** The id of a broker, a controller or a voter that no cluster has. */
export const NO_SUCH_NODE = 987_654

/** A topic id that no topic has. */
export const NO_TOPIC_ID = '7c1e7b2f-6f0c-4f57-9d5a-2f6a3c1d9e10'
