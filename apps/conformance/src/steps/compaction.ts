import type { RecordBatchView, RecordInput } from '@ottla/protocol'
import { atLeast } from '../match/index.js'
import { RuleBroken } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog } from './create-log.js'
import type { Topic } from './create-topic.js'
import { type ProduceStepOptions, produce } from './produce.js'
import { batchesOf, type ReadOptions, readPartition } from './read-partition.js'

/** A key and a value; a null value is a tombstone. */
export type KeyValue = readonly [key: string, value: string | null]

const SEGMENT_MS = 1000
/** Old enough to be closed, young enough for every broker's limits of timestamps. */
const FIRST_WRITTEN_AT = Date.now() - 600_000

/** Creates a topic that is compacted as soon as it can be. */
export function createCompacted(
  t: RuleContext,
  configs: Readonly<Record<string, string>> = {},
): Promise<Topic> {
  return createLog(t, {
    configs: {
      'cleanup.policy': 'compact',
      'segment.ms': String(SEGMENT_MS),
      'min.cleanable.dirty.ratio': '0.01',
      ...configs,
    },
  })
}

/** Records with keys that were written as the `age`-th segment of a topic: each number has one of its own. */
export function keyed(segment: number, ...records: readonly KeyValue[]): RecordInput[] {
  const timestamp = FIRST_WRITTEN_AT + segment * 10 * SEGMENT_MS
  return records.map(([key, value]) => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp,
  }))
}

/** When records of a segment were written, in milliseconds. */
export const writtenAt = (segment: number): number => FIRST_WRITTEN_AT + segment * 10 * SEGMENT_MS

/** Writes one batch as a segment of its own: those before it are closed then, and may be compacted. */
export function writeSegment(
  t: RuleContext,
  topic: Topic,
  segment: number,
  records: readonly KeyValue[],
  options: ProduceStepOptions = {},
): Promise<bigint> {
  return produce(t, topic, keyed(segment, ...records), options)
}

/** All batches from an offset on: a fetch may end where a segment does. */
export async function batchesFrom(
  t: RuleContext,
  topic: Topic,
  options: ReadOptions = {},
): Promise<readonly RecordBatchView[]> {
  const found: RecordBatchView[] = []
  let { offset = 0n } = options
  let end = offset
  for (;;) {
    const partition = await readPartition(t, topic, { ...options, offset })
    const { highWatermark } = partition
    t.expect(partition, { highWatermark: atLeast(end) })
    end = highWatermark
    const batches = batchesOf(partition)
    found.push(...batches)
    offset = batches.at(-1)?.nextOffset ?? end
    if (offset > end)
      throw new RuleBroken(`A batch ends at ${offset}, above the high watermark ${end}.`)
    if (offset === end) return found
  }
}

/** What is left of a topic: `offset key=value`, tombstones as `offset key`. */
export async function keptIn(
  t: RuleContext,
  topic: Topic,
  options: ReadOptions = {},
): Promise<readonly string[]> {
  const batches = await batchesFrom(t, topic, options)
  return batches
    .filter(({ isControl }) => !isControl)
    .flatMap((batch) =>
      [...batch].map(
        ({ offset, key, value }) => `${offset} ${key}${value === null ? '' : `=${value}`}`,
      ),
    )
}

/** Waits until so many records are left, or fewer, and checks that they are these. */
export async function untilKept(
  t: RuleContext,
  topic: Topic,
  ...expected: readonly string[]
): Promise<void> {
  const kept = await t.until(`the compaction of ${topic.name}`, async () => {
    const found = await keptIn(t, topic)
    return found.length <= expected.length && found
  })
  t.equal(kept, expected, 'records that are kept')
}
