import type { CoordinatorRecord } from '@ottla/coordinator'
import { decodeRecords } from '@ottla/protocol'
import type { Partition } from '../partition/partition.js'

/** Bytes of one part: enough that most partitions have one, and little enough that clients can be served in between. */
const partBytes = 1024 * 1024

/**
 * Replays the committed records of a partition in order; transaction markers are passed over. Yields between the parts
 * of a log that is read in several.
 * @throws WireError for a batch that cannot be read.
 */
export function* replayGroupRecords(
  { log, highWatermark }: Partition,
  replay: (record: CoordinatorRecord) => void,
): Generator<void, void> {
  for (let offset = log.logStartOffset; offset < highWatermark; ) {
    const slice = log.read(offset, { maxBytes: partBytes, maxOffset: highWatermark })
    if (slice.bytes.length === 0) return
    for (const batch of decodeRecords(slice.bytes)) {
      if (batch.isControl) continue
      for (const { key, value } of batch) if (key !== null) replay({ key, value })
    }
    offset = slice.nextOffset
    if (offset < highWatermark) yield
  }
}
