import {
  CreateTopics,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  Produce,
  type ProduceResponse,
} from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  deleteRecords,
  fetch,
  newProducerId,
  produced,
  produceRequest,
  type Topic,
  tryProduce,
  values,
  valuesIn,
} from '../steps/index.js'

const KIP_98 =
  'KIP-98: Exactly Once Delivery and Transactional Messaging, Idempotent Producer Guarantees'
const KIP_360 = 'KIP-360: Improve reliability of idempotent/transactional producer'
const SERVED = { min: 3 } as const
const LAST_SEQUENCE = 2_147_483_647

/** Writes as one producer, to one topic. */
interface Writer {
  readonly topic: Topic
  readonly producerId: bigint
  write(
    sequence: number,
    texts: readonly string[],
    options?: WriteOptions,
  ): Promise<ProduceResponse>
}

interface WriteOptions {
  readonly epoch?: number
  readonly partition?: number
  readonly acks?: number
}

const batchOf = (producerId: bigint, epoch: number, sequence: number, texts: readonly string[]) =>
  encodeRecordBatch({
    records: values(...texts),
    producerId,
    producerEpoch: epoch,
    baseSequence: sequence,
  })

async function newWriter(t: RuleContext, partitions = 1): Promise<Writer> {
  const topic = await createLog(t, { partitions })
  const producerId = await newProducerId(t)
  return {
    topic,
    producerId,
    write: (sequence, texts, { epoch = 0, ...options } = {}) =>
      tryProduce(t, topic, batchOf(producerId, epoch, sequence, texts), options),
  }
}

const REFUSED = { baseOffset: -1n, logAppendTimeMs: -1n }
const at = (topic: Topic, baseOffset: bigint) => produced(topic, { errorCode: 0, baseOffset })
const refused = (topic: Topic, error: keyof typeof ErrorCode) =>
  produced(topic, { errorCode: ErrorCode[error], ...REFUSED })

const PRODUCE = {
  apis: [Produce, Fetch, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
  topic: 'idempotence',
  versions: SERVED,
} as const

/** Rules of Produce: sequences of idempotent producers. */
export const rules: readonly Rule[] = [
  rule({
    ...PRODUCE,
    id: 'produce.sequence-continues',
    says: 'Batches of a producer whose sequences follow on each other are appended.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a', 'b']), at(topic, 0n))
      t.expect(await write(2, ['c']), at(topic, 2n))
      t.expect(await write(3, ['d', 'e']), at(topic, 3n))
    },
  }),
  ...[1, 2, 3, 4, 5].map((back) =>
    rule({
      ...PRODUCE,
      id: `produce.duplicate-of-last-${back}`,
      says: `The last five batches of a producer are remembered: number ${back} from the end, sent again, is answered with its old offset and not written.`,
      source: KIP_98,
      run: async (t) => {
        const { topic, write } = await newWriter(t)
        for (let batch = 0; batch < 7; batch++) await write(batch * 2, ['a', 'b'])
        const batch = 7 - back
        t.expect(await write(batch * 2, ['a', 'b']), at(topic, BigInt(batch * 2)))
        t.expect(await write(14, ['end']), at(topic, 14n))
      },
    }),
  ),
  rule({
    ...PRODUCE,
    id: 'produce.duplicate-of-last-6',
    says: 'A batch older than the last five, sent again, is no longer known: OUT_OF_ORDER_SEQUENCE_NUMBER, and not written.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      for (let batch = 0; batch < 7; batch++) await write(batch * 2, ['a', 'b'])
      t.expect(await write(2, ['a', 'b']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
      t.expect(await write(14, ['end']), at(topic, 14n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.duplicate-has-other-size',
    says: 'A batch that begins like a remembered one and is longer or shorter is no duplicate: OUT_OF_ORDER_SEQUENCE_NUMBER.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a', 'b']), at(topic, 0n))
      t.expect(await write(0, ['a']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
      t.expect(await write(0, ['a', 'b', 'c']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
      t.expect(await write(1, ['b']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
    },
  }),
  ...[1, 2, 1000, LAST_SEQUENCE - 10].map((gap) =>
    rule({
      ...PRODUCE,
      id: `produce.sequence-gap-of-${gap}`,
      says: `A gap of ${gap} in the sequence is OUT_OF_ORDER_SEQUENCE_NUMBER; the expected batch is taken after it.`,
      source: KIP_98,
      run: async (t) => {
        const { topic, write } = await newWriter(t)
        t.expect(await write(0, ['a', 'b']), at(topic, 0n))
        t.expect(await write(2 + gap, ['d']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
        t.expect(await write(2, ['c']), at(topic, 2n))
        t.equal(valuesIn(await fetch(t, topic)), ['a', 'b', 'c'], 'values in the log')
      },
    }),
  ),
  rule({
    ...PRODUCE,
    id: 'produce.first-sequence-of-unknown-producer',
    says: 'A producer that the partition has no state of may begin at any sequence.',
    source: KIP_360,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(41, ['a']), at(topic, 0n))
      t.expect(await write(42, ['b']), at(topic, 1n))
      t.expect(await write(44, ['c']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
    },
  }),
  ...[
    { id: 'at-batch', texts: ['a'], next: 0, sequence: LAST_SEQUENCE },
    { id: 'inside-batch', texts: ['a', 'b', 'c'], next: 1, sequence: LAST_SEQUENCE - 1 },
  ].map(({ id, texts, next, sequence }) =>
    rule({
      ...PRODUCE,
      id: `produce.sequence-wraps-${id}`,
      says: `After sequence 2147483647 comes 0: a batch from ${sequence} with ${texts.length} records is followed by ${next}.`,
      source: KIP_98,
      run: async (t) => {
        const { topic, write } = await newWriter(t)
        t.expect(await write(sequence, texts), at(topic, 0n))
        t.expect(await write(next + 1, ['gap']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
        const offset = BigInt(texts.length)
        t.expect(await write(next, ['next']), at(topic, offset))
        t.expect(await write(sequence, texts), at(topic, 0n))
        t.expect(await write(next + 1, ['after']), at(topic, offset + 1n))
      },
    }),
  ),
  rule({
    ...PRODUCE,
    id: 'produce.new-epoch-begins-at-0',
    says: 'A higher epoch begins at sequence 0 again.',
    source: KIP_360,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a']), at(topic, 0n))
      t.expect(await write(1, ['b'], { epoch: 1 }), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
      t.expect(await write(0, ['b'], { epoch: 1 }), at(topic, 1n))
      t.expect(await write(1, ['c'], { epoch: 1 }), at(topic, 2n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.epoch-may-skip',
    says: 'The next epoch need not be the one after; each higher one is taken.',
    source: KIP_360,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a'], { epoch: 3 }), at(topic, 0n))
      t.expect(await write(0, ['b'], { epoch: 32_766 }), at(topic, 1n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.old-epoch-is-fenced',
    says: 'A batch of a lower epoch than seen is refused with INVALID_PRODUCER_EPOCH, a duplicate too.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a']), at(topic, 0n))
      t.expect(await write(0, ['b'], { epoch: 1 }), at(topic, 1n))
      t.expect(await write(1, ['c']), refused(topic, 'INVALID_PRODUCER_EPOCH'))
      t.expect(await write(0, ['a']), refused(topic, 'INVALID_PRODUCER_EPOCH'))
      t.equal(valuesIn(await fetch(t, topic)), ['a', 'b'], 'values in the log')
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.new-epoch-forgets-batches',
    says: 'With a new epoch the batches of the old are forgotten: the same sequence is no duplicate.',
    source: KIP_360,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a']), at(topic, 0n))
      t.expect(await write(0, ['a'], { epoch: 1 }), at(topic, 1n))
      t.expect(await write(0, ['a'], { epoch: 1 }), at(topic, 1n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.sequences-per-partition',
    says: 'Each partition counts the sequences of a producer by itself.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t, 2)
      t.expect(await write(0, ['a', 'b']), at(topic, 0n))
      t.expect(await write(0, ['c'], { partition: 1 }), at(topic, 0n))
      t.expect(await write(2, ['d']), at(topic, 2n))
      t.expect(
        await write(3, ['e'], { partition: 1 }),
        refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'),
      )
      t.expect(await write(1, ['e'], { partition: 1 }), at(topic, 1n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.sequences-per-producer',
    says: 'Producers do not disturb each other’s sequences, nor do writers without one.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      const other = await newProducerId(t)
      t.expect(await write(0, ['a']), at(topic, 0n))
      t.expect(await tryProduce(t, topic, batchOf(other, 0, 0, ['b'])), at(topic, 1n))
      const plain = encodeRecordBatch({ records: values('c') })
      t.expect(await tryProduce(t, topic, plain), at(topic, 2n))
      t.expect(await write(1, ['d']), at(topic, 3n))
      t.expect(await tryProduce(t, topic, batchOf(other, 0, 1, ['e'])), at(topic, 4n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.without-producer-id-repeats',
    says: 'Without a producer id the same bytes sent twice are written twice.',
    source: KIP_98,
    run: async (t) => {
      const topic = await createLog(t)
      const batch = encodeRecordBatch({ records: values('a') })
      t.expect(await tryProduce(t, topic, batch), at(topic, 0n))
      t.expect(await tryProduce(t, topic, batch), at(topic, 1n))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.idempotent-with-acks-1',
    says: 'The broker checks sequences with acks 1 as well.',
    source: KIP_98,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a'], { acks: 1 }), at(topic, 0n))
      t.expect(await write(0, ['a'], { acks: 1 }), at(topic, 0n))
      t.expect(await write(2, ['c'], { acks: 1 }), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.five-in-flight',
    says: 'Five batches on their way at once, and then all of them again, are written once each, in order.',
    source: KIP_98,
    run: async (t) => {
      const { topic, producerId } = await newWriter(t)
      const leader = await t.leader(topic.name)
      const sent = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4].map((sequence) => {
        const batch = batchOf(producerId, 0, sequence, [`${sequence}`])
        return leader.send(Produce, produceRequest(topic, batch))
      })
      for (const [index, one] of sent.entries()) {
        t.expect(await one.answer(), at(topic, BigInt(index % 5)))
      }
      t.equal(valuesIn(await fetch(t, topic)), ['0', '1', '2', '3', '4'], 'values in the log')
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.sequences-outlive-records',
    says: 'A producer whose records were deleted continues its sequence.',
    source: KIP_360,
    run: async (t) => {
      const { topic, write } = await newWriter(t)
      t.expect(await write(0, ['a', 'b']), at(topic, 0n))
      await deleteRecords(t, topic, 2n)
      t.expect(await write(2, ['c']), at(topic, 2n))
      t.expect(await write(9, ['d']), refused(topic, 'OUT_OF_ORDER_SEQUENCE_NUMBER'))
    },
  }),
  rule({
    ...PRODUCE,
    id: 'produce.refused-batch-leaves-sequence',
    says: 'A batch that is refused for its records does not count in the sequence.',
    source: KIP_98,
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'cleanup.policy': 'compact' } })
      const producerId = await newProducerId(t)
      const of = (sequence: number, key: string | null) =>
        encodeRecordBatch({
          records: [{ key, value: 'a' }],
          producerId,
          producerEpoch: 0,
          baseSequence: sequence,
        })
      t.expect(await tryProduce(t, topic, of(0, 'k')), at(topic, 0n))
      t.expect(await tryProduce(t, topic, of(1, null)), refused(topic, 'INVALID_RECORD'))
      t.expect(await tryProduce(t, topic, of(1, 'k')), at(topic, 1n))
    },
  }),
]
