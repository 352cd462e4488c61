import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const TopologyDescriptionNode = struct({
  name: field('0+', string),
  nodeType: field('0+', int8),
  sourceTopics: field('0+', array(string)),
  sinkTopic: field('0+', nullable(string), { default: null }),
  stores: field('0+', array(string)),
  successors: field('0+', array(string)),
})

const TopologyDescriptionSubtopology = struct({
  subtopologyId: field('0+', string),
  nodes: field('0+', array(TopologyDescriptionNode)),
})

const TopologyDescriptionGlobalStore = struct({
  source: field('0+', TopologyDescriptionNode),
  processor: field('0+', TopologyDescriptionNode),
})

const TopologyDescription = struct({
  subtopologies: field('0+', array(TopologyDescriptionSubtopology)),
  globalStores: field('0+', array(TopologyDescriptionGlobalStore)),
})

/**
 * Uploads the readable description of a Streams topology for admin tools (KIP-1331); sent by a
 * member that the coordinator asked for it.
 */
export const StreamsGroupTopologyDescriptionUpdateRequest = message({
  name: 'StreamsGroupTopologyDescriptionUpdateRequest',
  apiKey: 93,
  versions: '0',
  flexible: '0+',
  shape: {
    groupId: field('0+', string),
    memberId: field('0+', string),
    topologyEpoch: field('0+', int32),
    topologyDescription: field('0+', TopologyDescription),
  },
})
export interface StreamsGroupTopologyDescriptionUpdateRequest
  extends Infer<typeof StreamsGroupTopologyDescriptionUpdateRequest> {}
/**
 * What {@link StreamsGroupTopologyDescriptionUpdateRequest} takes for encoding: fields with a
 * default may be left out.
 */
export type StreamsGroupTopologyDescriptionUpdateRequestInput = InferInput<
  typeof StreamsGroupTopologyDescriptionUpdateRequest
>

/** Whether the description was stored. */
export const StreamsGroupTopologyDescriptionUpdateResponse = message({
  name: 'StreamsGroupTopologyDescriptionUpdateResponse',
  apiKey: 93,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { default: null }),
  },
})
export interface StreamsGroupTopologyDescriptionUpdateResponse
  extends Infer<typeof StreamsGroupTopologyDescriptionUpdateResponse> {}
/**
 * What {@link StreamsGroupTopologyDescriptionUpdateResponse} takes for encoding: fields with a
 * default may be left out.
 */
export type StreamsGroupTopologyDescriptionUpdateResponseInput = InferInput<
  typeof StreamsGroupTopologyDescriptionUpdateResponse
>

/** API 93: uploads the readable description of a Streams topology for admin tools. */
export const StreamsGroupTopologyDescriptionUpdate: Api<
  typeof StreamsGroupTopologyDescriptionUpdateRequest,
  typeof StreamsGroupTopologyDescriptionUpdateResponse
> = api(StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse)
