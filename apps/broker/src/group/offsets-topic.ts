/** Name of the topic that holds groups and committed offsets. */
export const offsetsTopic = '__consumer_offsets'
