import {
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  string,
  struct,
} from '../schema/index.js'

/** Names a Streams group whose topology is kept. */
export const StreamsGroupTopologyKey = message({
  name: 'StreamsGroupTopologyKey',
  apiKey: 23,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
  },
})
export interface StreamsGroupTopologyKey extends Infer<typeof StreamsGroupTopologyKey> {}
/**
 * What {@link StreamsGroupTopologyKey} takes for encoding: fields with a default may be left out.
 */
export type StreamsGroupTopologyKeyInput = InferInput<typeof StreamsGroupTopologyKey>

const TopicConfig = struct({
  key: field('0+', string),
  value: field('0+', string),
})

const TopicInfo = struct({
  name: field('0+', string),
  partitions: field('0+', int32),
  replicationFactor: field('0+', int16),
  topicConfigs: field('0+', array(TopicConfig)),
})

const CopartitionGroup = struct({
  sourceTopics: field('0+', array(int16)),
  sourceTopicRegex: field('0+', array(int16)),
  repartitionSourceTopics: field('0+', array(int16)),
})

const Subtopology = struct({
  subtopologyId: field('0+', string),
  sourceTopics: field('0+', array(string)),
  sourceTopicRegex: field('0+', array(string)),
  stateChangelogTopics: field('0+', array(TopicInfo)),
  repartitionSinkTopics: field('0+', array(string)),
  repartitionSourceTopics: field('0+', array(TopicInfo)),
  copartitionGroups: field('0+', array(CopartitionGroup)),
})

/**
 * The application's processing graph: subtopologies with their source, internal and changelog
 * topics.
 */
export const StreamsGroupTopologyValue = message({
  name: 'StreamsGroupTopologyValue',
  apiKey: 23,
  versions: '0',
  flexible: '0+',
  shape: {
    epoch: field('0+', int32),
    subtopologies: field('0+', array(Subtopology)),
  },
})
export interface StreamsGroupTopologyValue extends Infer<typeof StreamsGroupTopologyValue> {}
/**
 * What {@link StreamsGroupTopologyValue} takes for encoding: fields with a default may be left out.
 */
export type StreamsGroupTopologyValueInput = InferInput<typeof StreamsGroupTopologyValue>
