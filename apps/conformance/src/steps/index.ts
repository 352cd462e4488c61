export { createTopic, deleteTopic, type Topic, type TopicOptions } from './create-topic.js'
export { newest } from './newest.js'
export { type ProduceStepOptions, produce, values } from './produce.js'
