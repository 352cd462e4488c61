import { Consumer, type ConsumerOptions } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import {
  type ApacheKafka,
  brokerJars,
  createTopic,
  requires,
  runJavaProgram,
  startApacheKafka,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const waitMs = 60_000
const seed = Number(process.env.OTTLA_SEED ?? Math.floor(Math.random() * 2 ** 31))
const steps = 250

describe.runIf(requires('java', 'maven'))('transactions of Java producers', () => {
  let kafka: ApacheKafka
  let written: string[]

  beforeAll(async () => {
    kafka = await startApacheKafka()
    await createTopic(kafka.bootstrapServers, 't', 1)
    const args = [kafka.bootstrapServers, 't', String(seed), String(steps)]
    const options = { timeoutMs: waitMs }
    const jars = await brokerJars()
    const { stdout } = await runJavaProgram(jars, 'WriteTransactions.java', args, options)
    const producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    const { offset } = await producer.send({ topic: 't', value: 'the end' })
    await producer.close()
    written = [...stdout.trim().split('\n'), `${offset} the end`]
  })
  afterAll(() => kafka?.remove())

  /** `offset value` of every record up to the last one, which is no part of a transaction. */
  const readAll = async (options: Partial<ConsumerOptions>): Promise<string[]> => {
    const { bootstrapServers } = kafka
    const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest', ...options })
    try {
      consumer.assign([{ topic: 't', partition: 0 }])
      const seen: string[] = []
      const signal = AbortSignal.timeout(waitMs)
      for await (const { offset, value } of consumer.records({ signal })) {
        seen.push(`${offset} ${value}`)
        if (String(value) === 'the end') break
      }
      return seen
    } finally {
      await consumer.close()
    }
  }

  test.each([
    ['in large fetches', {}],
    // Aborted transactions begin, go on and end in different answers.
    ['in answers of one batch or two', { maxPartitionFetchBytes: 200 }],
    ['a few records at a time', { maxPollRecords: 3, maxPartitionFetchBytes: 2000 }],
  ])(`are read as committed, %s (OTTLA_SEED=${seed})`, async (_how, options) => {
    expect(await readAll({ ...options, isolationLevel: 'read_committed' })).toEqual(written)
  })
})
