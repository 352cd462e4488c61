import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Topic, type TopicOptions } from './create-topic.js'

/** Creates a topic whose records stay, however old their timestamps say they are. */
export function createLog(t: RuleContext, options: TopicOptions = {}): Promise<Topic> {
  return createTopic(t, { ...options, configs: { 'retention.ms': '-1', ...options.configs } })
}
