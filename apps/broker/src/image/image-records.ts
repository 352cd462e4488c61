import type { MetadataImage, PartitionImage } from './image.js'
import type { MetadataRecordInput } from './metadata-record.js'

/** The records that make an image out of an empty one, `metadata.version` first: it says how the others are to be read. */
export function* imageRecords(image: MetadataImage): Generator<MetadataRecordInput> {
  yield* featureRecords(image)
  yield* brokerRecords(image)
  yield* topicRecords(image)
  for (const [key, configs] of image.configs) {
    const resourceType = Number.parseInt(key, 10)
    const resourceName = key.slice(key.indexOf(':') + 1)
    for (const [name, value] of configs) {
      yield { type: 'ConfigRecord', value: { resourceType, resourceName, name, value } }
    }
  }
  for (const { entity, values } of image.clientQuotas.values()) {
    const parts = [...entity].map(([entityType, entityName]) => ({ entityType, entityName }))
    for (const [key, value] of values) {
      yield { type: 'ClientQuotaRecord', value: { entity: parts, key, value, remove: false } }
    }
  }
  yield* credentialRecords(image)
}

function* featureRecords({ features }: MetadataImage): Generator<MetadataRecordInput> {
  const isFirst = (name: string): boolean => name === 'metadata.version'
  const names = [...features.keys()].sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)))
  for (const name of names) {
    yield { type: 'FeatureLevelRecord', value: { name, featureLevel: features.get(name) ?? 0 } }
  }
}

function* brokerRecords({ brokers }: MetadataImage): Generator<MetadataRecordInput> {
  for (const { brokerEpoch, endPoints, features, logDirs, ...broker } of brokers.values()) {
    yield {
      type: 'RegisterBrokerRecord',
      value: {
        ...broker,
        brokerEpoch: BigInt(brokerEpoch),
        endPoints: [...endPoints],
        features: features.map(({ name, minVersion, maxVersion }) => ({
          name,
          minSupportedVersion: minVersion,
          maxSupportedVersion: maxVersion,
        })),
        logDirs: [...logDirs],
      },
    }
  }
}

function* topicRecords({ topicsById }: MetadataImage): Generator<MetadataRecordInput> {
  for (const { name, topicId, partitions } of topicsById.values()) {
    yield { type: 'TopicRecord', value: { name, topicId } }
    for (const partition of partitions) yield partitionRecord(topicId, partition)
  }
}

const partitionRecord = (
  topicId: string,
  { partition, replicas, isr, leader, leaderEpoch, partitionEpoch, directories }: PartitionImage,
): MetadataRecordInput => ({
  type: 'PartitionRecord',
  value: {
    partitionId: partition,
    topicId,
    replicas: [...replicas],
    isr: [...isr],
    removingReplicas: [],
    addingReplicas: [],
    leader,
    leaderEpoch,
    partitionEpoch,
    directories: [...directories],
  },
})

function* credentialRecords(image: MetadataImage): Generator<MetadataRecordInput> {
  const { nextProducerId, scramCredentials } = image
  if (nextProducerId > 0) {
    const value = { brokerId: -1, brokerEpoch: -1n, nextProducerId: BigInt(nextProducerId) }
    yield { type: 'ProducerIdsRecord', value }
  }
  for (const [mechanism, users] of scramCredentials) {
    for (const [name, credential] of users) {
      yield { type: 'UserScramCredentialRecord', value: { name, mechanism, ...credential } }
    }
  }
}
