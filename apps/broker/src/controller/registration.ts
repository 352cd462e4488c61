import type { SupportedFeature } from '../features.js'
import type { EndPoint } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'

/** A broker that registers itself. */
export interface Registration {
  readonly brokerId: number
  readonly incarnationId: string
  readonly endPoints: readonly EndPoint[]
  readonly features: readonly SupportedFeature[]
  readonly rack: string | null
}

/** The records that make a broker known; it starts fenced. Its epoch is the offset of the first of them. */
export const registrationRecords = (
  registration: Registration,
  brokerEpoch: number,
  directoryId: string,
): MetadataRecordInput[] => {
  const { brokerId, incarnationId, endPoints, rack } = registration
  const features = registration.features.map(({ name, minVersion, maxVersion }) => ({
    name,
    minSupportedVersion: minVersion,
    maxSupportedVersion: maxVersion,
  }))
  return [
    {
      type: 'RegisterBrokerRecord',
      value: {
        brokerId,
        incarnationId,
        brokerEpoch: BigInt(brokerEpoch),
        endPoints: [...endPoints],
        features,
        rack,
        fenced: true,
        logDirs: [directoryId],
      },
    },
  ]
}

/** `fenced` of a BrokerRegistrationChangeRecord: -1 lifts the fence. */
const unfence = -1

/** The records that let a registered broker lead partitions and be shown to clients. */
export const unfenceRecords = (brokerId: number, brokerEpoch: number): MetadataRecordInput[] => [
  {
    type: 'BrokerRegistrationChangeRecord',
    value: { brokerId, brokerEpoch: BigInt(brokerEpoch), fenced: unfence },
  },
]
