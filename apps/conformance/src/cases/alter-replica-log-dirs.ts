import { AlterReplicaLogDirs, CreateTopics, DescribeLogDirs, ErrorCode } from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  connectTo,
  createReplicated,
  createTopic,
  newest,
  nodesOf,
  partitionOf,
} from '../steps/index.js'

const DIRECTORIES = {
  source: 'KIP-113: Support replicas movement between log directories',
  topic: 'errors',
} as const

/** A directory in which a broker keeps logs. */
async function directoryOf(t: RuleContext, client: RawClient): Promise<string> {
  const options = newest(t, DescribeLogDirs)
  const { results } = await client.ask(DescribeLogDirs, { topics: [] }, options)
  return results[0]?.logDir ?? ''
}

const moving = (path: string, name: string) => ({
  dirs: [{ path, topics: [{ name, partitions: [0] }] }],
})

const refused = (topicName: string, errorCode: number) => ({
  throttleTimeMs: 0,
  results: [{ topicName, partitions: [{ partitionIndex: 0, errorCode }] }],
})

/** Rules of AlterReplicaLogDirs. */
export const rules: readonly Rule[] = [
  rule({
    ...DIRECTORIES,
    id: 'alter-replica-log-dirs.unknown-directory',
    says: 'A directory that the broker does not have is refused with LOG_DIR_NOT_FOUND.',
    apis: [AlterReplicaLogDirs, CreateTopics],
    run: async (t) => {
      const { name } = await createTopic(t)
      const request = moving('/no/such/directory', name)
      const answer = await t.client.ask(AlterReplicaLogDirs, request)
      t.expect(answer, refused(name, ErrorCode.LOG_DIR_NOT_FOUND))
    },
  }),
  rule({
    ...DIRECTORIES,
    id: 'alter-replica-log-dirs.unknown-topic',
    says: 'A topic that does not exist cannot be moved: UNKNOWN_TOPIC_OR_PARTITION.',
    apis: [AlterReplicaLogDirs, DescribeLogDirs],
    run: async (t) => {
      const name = t.name('topic')
      const request = moving(await directoryOf(t, t.client), name)
      const answer = await t.client.ask(AlterReplicaLogDirs, request)
      t.expect(answer, refused(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    },
  }),
  rule({
    ...DIRECTORIES,
    id: 'alter-replica-log-dirs.no-replica',
    says: 'A broker that has no replica of a partition has nothing to move: REPLICA_NOT_AVAILABLE.',
    apis: [AlterReplicaLogDirs, DescribeLogDirs],
    needs: ['three-nodes'],
    run: async (t) => {
      const [leader, other] = await nodesOf(t)
      const topic = await createReplicated(t, [leader?.nodeId ?? -1])
      const client = await connectTo(t, other?.nodeId ?? -1)
      await t.until('the other broker to know the topic', () => partitionOf(t, topic, client))
      const request = moving(await directoryOf(t, client), topic.name)
      const answer = await client.ask(AlterReplicaLogDirs, request)
      t.expect(answer, refused(topic.name, ErrorCode.REPLICA_NOT_AVAILABLE))
    },
  }),
]
