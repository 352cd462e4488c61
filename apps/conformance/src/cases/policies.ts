import { AlterConfigs, CreateTopics, IncrementalAlterConfigs } from '@ottla/protocol'
import { nonEmpty } from '../match/index.js'
import type { Rule } from '../rules/rule.js'
import { topicResource } from '../steps/index.js'
import { refused } from './refused.js'

/** What the need `policies` says. */
const config = { name: 'retention.ms', value: '987654321' }

const POLICY = { code: 'POLICY_VIOLATION', needs: ['policies'] } as const

/** Rules of policies. */
export const rules: readonly Rule[] = [
  refused({
    ...POLICY,
    id: 'create-topics.against-the-policy',
    says: 'A topic that the policy of the cluster does not want is refused with POLICY_VIOLATION.',
    source: 'KIP-108: Create Topic Policy',
    api: CreateTopics,
    ask: ({ topic: { name } }) => {
      const place = { numPartitions: 1, replicationFactor: 1, assignments: [] }
      const asked = { name: `${name}-refused`, ...place, configs: [config] }
      return { topics: [asked], timeoutMs: 5000, validateOnly: false }
    },
    answer: ({ topic: { name }, errorCode }) => ({
      topics: [{ name: `${name}-refused`, errorCode, errorMessage: nonEmpty }],
    }),
  }),
  refused({
    ...POLICY,
    id: 'alter-configs.against-the-policy',
    says: 'Configs that the policy of the cluster does not want are refused with POLICY_VIOLATION.',
    source: 'KIP-133: Describe and Alter Configs Admin APIs, Alter config policy',
    api: AlterConfigs,
    ask: ({ topic: { name } }) => ({
      resources: [{ ...topicResource(name), configs: [config] }],
      validateOnly: false,
    }),
    answer: ({ topic: { name }, errorCode }) => ({
      responses: [{ ...topicResource(name), errorCode, errorMessage: nonEmpty }],
    }),
  }),
  refused({
    ...POLICY,
    id: 'incremental-alter-configs.against-the-policy',
    says: 'Configs that the policy of the cluster does not want are refused with POLICY_VIOLATION.',
    source: 'KIP-339: Create a new IncrementalAlterConfigs API',
    api: IncrementalAlterConfigs,
    ask: ({ topic: { name } }) => ({
      resources: [{ ...topicResource(name), configs: [{ ...config, configOperation: 0 }] }],
      validateOnly: false,
    }),
    answer: ({ topic: { name }, errorCode }) => ({
      responses: [{ ...topicResource(name), errorCode, errorMessage: nonEmpty }],
    }),
  }),
]
