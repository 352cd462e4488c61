import type { StreamsGroupHeartbeatRequestInput } from '@ottla/protocol'

type Subtopology = NonNullable<
  StreamsGroupHeartbeatRequestInput['topology']
>['subtopologies'][number]

/** What a member says when it joins: a topology of one subtopology that reads one topic. */
export const joiningStreams = (
  topic: string,
  more: Partial<Subtopology> = {},
): Omit<StreamsGroupHeartbeatRequestInput, 'groupId' | 'memberId'> => ({
  memberEpoch: 0,
  endpointInformationEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  processId: 'process-1',
  clientTags: [],
  activeTasks: [],
  standbyTasks: [],
  warmupTasks: [],
  topology: {
    epoch: 0,
    subtopologies: [
      {
        subtopologyId: 'sub-1',
        sourceTopics: [topic],
        sourceTopicRegex: [],
        stateChangelogTopics: [],
        repartitionSinkTopics: [],
        repartitionSourceTopics: [],
        copartitionGroups: [],
        ...more,
      },
    ],
  },
})
