import { WireError } from '../errors.js'
import { encodeRecordBatch } from './encode-record-batch.js'

/** Types of control records by name. A reader skips the ones it does not know. */
export const ControlRecordType = {
  ABORT: 0,
  COMMIT: 1,
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  KRAFT_VOTERS: 6,
} as const

/** Number of a known control record type. */
export type ControlRecordType = (typeof ControlRecordType)[keyof typeof ControlRecordType]

/** A control record's key: what kind of record it is. */
export interface ControlRecordKey {
  readonly version: number
  /** One of `ControlRecordType`, or the number of a type this version does not know. */
  readonly type: number
}

/** The end of a transaction as its marker's value tells it (types ABORT and COMMIT). */
export interface EndTransactionMarker {
  readonly version: number
  /** Epoch of the transaction coordinator that wrote the marker. */
  readonly coordinatorEpoch: number
}

/** Writes a control record's key: version int16, type int16. */
export const encodeControlKey = (type: number, version = 0): Uint8Array => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt16BE(version)
  bytes.writeInt16BE(type, 2)
  return bytes
}

/** Reads a control record's key; more bytes than this version knows are ignored. Throws WireError when it is too short. */
export const decodeControlKey = (key: Uint8Array | null): ControlRecordKey => {
  const view = viewOf(key, 4, 'ControlRecordKey')
  return { version: view.getInt16(0), type: view.getInt16(2) }
}

/** Writes the value of a transaction marker: version int16, coordinator epoch int32. */
export const encodeEndTransactionMarker = (coordinatorEpoch: number): Uint8Array => {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeInt16BE(0)
  bytes.writeInt32BE(coordinatorEpoch, 2)
  return bytes
}

/** Reads the value of a transaction marker; more bytes are ignored. Throws WireError when it is too short. */
export const decodeEndTransactionMarker = (value: Uint8Array | null): EndTransactionMarker => {
  const view = viewOf(value, 6, 'EndTxnMarker')
  return { version: view.getInt16(0), coordinatorEpoch: view.getInt32(2) }
}

/** What a transaction marker's batch needs to be told. */
export interface MarkerInput {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly commit: boolean
  readonly coordinatorEpoch: number
  readonly timestamp: number
  readonly baseOffset?: bigint | undefined
  readonly partitionLeaderEpoch?: number | undefined
}

/** Writes the control batch of one record that ends a producer's transaction in a partition. */
export const encodeTransactionMarker = (marker: MarkerInput): Uint8Array =>
  encodeRecordBatch({
    records: [
      {
        key: encodeControlKey(marker.commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT),
        value: encodeEndTransactionMarker(marker.coordinatorEpoch),
        timestamp: marker.timestamp,
      },
    ],
    baseOffset: marker.baseOffset,
    partitionLeaderEpoch: marker.partitionLeaderEpoch,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  })

const viewOf = (bytes: Uint8Array | null, shortest: number, messageName: string): DataView => {
  if (bytes === null || bytes.length < shortest) {
    const found = bytes === null ? 'null' : `${bytes.length} bytes`
    throw new WireError({
      message: `${shortest} bytes are needed at least, here is ${found}`,
      messageName,
      offset: 0,
    })
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
