import {
  BrokerRegistrationChangeRecord,
  ClientQuotaRecord,
  ConfigRecord,
  decodeMetadataFrame,
  encodeMetadataRecord,
  FeatureLevelRecord,
  type Infer,
  type InferInput,
  type MessageType,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
} from '@ottla/protocol'

/** A record type and the version of it that is written. */
interface Written<T extends MessageType> {
  readonly type: T
  readonly version: number
}

interface RecordTypes {
  readonly FeatureLevelRecord: Written<typeof FeatureLevelRecord>
  readonly RegisterBrokerRecord: Written<typeof RegisterBrokerRecord>
  readonly UnregisterBrokerRecord: Written<typeof UnregisterBrokerRecord>
  readonly BrokerRegistrationChangeRecord: Written<typeof BrokerRegistrationChangeRecord>
  readonly TopicRecord: Written<typeof TopicRecord>
  readonly PartitionRecord: Written<typeof PartitionRecord>
  readonly PartitionChangeRecord: Written<typeof PartitionChangeRecord>
  readonly RemoveTopicRecord: Written<typeof RemoveTopicRecord>
  readonly ConfigRecord: Written<typeof ConfigRecord>
  readonly ClientQuotaRecord: Written<typeof ClientQuotaRecord>
  readonly ProducerIdsRecord: Written<typeof ProducerIdsRecord>
  readonly UserScramCredentialRecord: Written<typeof UserScramCredentialRecord>
  readonly RemoveUserScramCredentialRecord: Written<typeof RemoveUserScramCredentialRecord>
}

/**
 * The records of Kafka's metadata log that this broker writes and acts on, each with the version that Kafka 4.4 writes
 * at the feature levels we finalize.
 */
const recordTypes: RecordTypes = {
  FeatureLevelRecord: { type: FeatureLevelRecord, version: 0 },
  RegisterBrokerRecord: { type: RegisterBrokerRecord, version: 3 },
  UnregisterBrokerRecord: { type: UnregisterBrokerRecord, version: 0 },
  BrokerRegistrationChangeRecord: { type: BrokerRegistrationChangeRecord, version: 2 },
  TopicRecord: { type: TopicRecord, version: 0 },
  PartitionRecord: { type: PartitionRecord, version: 1 },
  PartitionChangeRecord: { type: PartitionChangeRecord, version: 1 },
  RemoveTopicRecord: { type: RemoveTopicRecord, version: 0 },
  ConfigRecord: { type: ConfigRecord, version: 0 },
  ClientQuotaRecord: { type: ClientQuotaRecord, version: 0 },
  ProducerIdsRecord: { type: ProducerIdsRecord, version: 0 },
  UserScramCredentialRecord: { type: UserScramCredentialRecord, version: 0 },
  RemoveUserScramCredentialRecord: { type: RemoveUserScramCredentialRecord, version: 0 },
}

type RecordName = keyof RecordTypes

/** A record read from the metadata log. */
export type MetadataRecord = {
  [Name in RecordName]: { readonly type: Name; readonly value: Infer<RecordTypes[Name]['type']> }
}[RecordName]

/** A record to be written to the metadata log. */
export type MetadataRecordInput = {
  [Name in RecordName]: {
    readonly type: Name
    readonly value: InferInput<RecordTypes[Name]['type']>
  }
}[RecordName]

/** Encodes a record as the value of a log record. */
export const encodeRecord = (record: MetadataRecordInput): Uint8Array => {
  const { type, version }: { type: MessageType; version: number } = recordTypes[record.type]
  return encodeMetadataRecord(type, version, record.value)
}

const typesByKey = new Map(
  Object.values(recordTypes).map(({ type }): [number | undefined, MessageType] => [
    type.apiKey,
    type,
  ]),
)

/**
 * Decodes the value of a log record; undefined for kinds this broker has no use for, such as ACLs in a log
 * that Apache Kafka wrote.
 * @throws WireError, or UnsupportedVersionError for a version newer than the schema.
 */
export const decodeRecord = (bytes: Uint8Array): MetadataRecord | undefined => {
  const frame = decodeMetadataFrame(bytes)
  const type = typesByKey.get(frame.type)
  if (type === undefined) return undefined
  return { type: type.name, value: type.at(frame.version).decode(frame.body) } as MetadataRecord
}
