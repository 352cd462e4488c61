import { decodeRecords } from '@ottla/protocol'
import type { ProducerBatch } from './batch.js'

/**
 * Copies the records of a batch that was too large into smaller ones, in order, with everybody who waits for them.
 *
 * @param openPart opens an empty batch, which takes at least one record.
 */
export const splitBatch = (
  whole: ProducerBatch,
  openPart: () => ProducerBatch,
): ProducerBatch[] => {
  const parts: ProducerBatch[] = []
  let part: ProducerBatch | undefined
  let index = 0
  for (const batch of decodeRecords(whole.encode(), { checkCrc: false })) {
    for (const { key, value, headers, timestamp } of batch) {
      const { waiting, place } = whole.waitingFor(index++)
      if (part?.tryAppend(key, value, headers, timestamp, waiting, place)) continue
      part = openPart()
      parts.push(part)
      part.tryAppend(key, value, headers, timestamp, waiting, place)
    }
  }
  return parts
}
