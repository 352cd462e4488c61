import type { Rule } from '../rules/rule.js'
import { rules as apiVersions } from './api-versions.js'
import { rules as createPartitions } from './create-partitions.js'
import { rules as createTopics } from './create-topics.js'
import { rules as deleteTopics } from './delete-topics.js'
import { rules as describeConfigs } from './describe-configs.js'
import { rules as everyApi } from './every-api.js'
import { rules as metadata } from './metadata.js'
import { rules as produce } from './produce.js'
import { rules as produceBatches } from './produce-batches.js'
import { rules as transactions } from './transactions.js'

/** All rules, by the API they are about. */
export function allRules(): readonly Rule[] {
  return [
    ...everyApi,
    ...apiVersions,
    ...metadata,
    ...createTopics,
    ...transactions,
    ...produce,
    ...produceBatches,
    ...createPartitions,
    ...deleteTopics,
    ...describeConfigs,
  ]
}
