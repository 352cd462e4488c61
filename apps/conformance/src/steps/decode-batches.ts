import { decodeRecords, type RecordBatchView } from '@ottla/protocol'
import { RuleBroken } from '../rules/rule-broken.js'

/**
 * The batches in the records of an answer.
 * @throws RuleBroken when they cannot be decoded or a checksum is wrong: no broker may hand out such
 */
export function decodeBatches(records: Uint8Array | null): RecordBatchView[] {
  try {
    return records === null ? [] : [...decodeRecords(records)]
  } catch (error) {
    throw new RuleBroken(`The records cannot be decoded: ${(error as Error).message}`)
  }
}
