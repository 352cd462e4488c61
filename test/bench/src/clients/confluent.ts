// Variants: produce: send (KafkaJS API, arrays of 1000, five in flight), callback (produce with delivery reports);
// consume: eachBatch, eachMessage; rate, end-to-end: defaults (its linger of 5 ms), linger-0.
// The package is no part of the workspace: it is built on demand, and OTTLA_BENCH_CONFLUENT says where it is.
import { createRequire } from 'node:module'
import { measureEndToEnd, measureRate } from '../fixed-rate.ts'
import { answer, distinctValues, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'

interface Message {
  readonly value: Buffer
}

interface KafkaJsProducer {
  connect(): Promise<void>
  send(record: { topic: string; messages: readonly Message[] }): Promise<unknown>
}

interface KafkaJsConsumer {
  connect(): Promise<void>
  subscribe(options: { topic: string }): Promise<void>
  run(handlers: {
    eachBatch?: (payload: { batch: { messages: Message[] } }) => Promise<void>
    eachMessage?: (payload: { message: Message }) => Promise<void>
  }): Promise<void>
}

interface KafkaJs {
  producer(options: object): KafkaJsProducer
  consumer(options: object): KafkaJsConsumer
}

interface CallbackProducer {
  connect(): void
  once(event: 'ready', callback: () => void): void
  on(event: 'delivery-report', callback: (error: Error | null) => void): void
  setPollInterval(ms: number): void
  produce(topic: string, partition: number | null, value: Buffer): void
}

interface Confluent {
  KafkaJS: { Kafka: new (options: object) => KafkaJs }
  Producer: new (options: object) => CallbackProducer
}

/** Waits for reports when so many records are in the queue: beyond it, produce throws. */
const mostQueued = 50_000

const load = createRequire(`${process.env.OTTLA_BENCH_CONFLUENT}/package.json`)
const { KafkaJS, Producer } = load('@confluentinc/kafka-javascript') as Confluent
const job = readJob()
const { topic, valueBytes } = job
const kafka = new KafkaJS.Kafka({ 'bootstrap.servers': job.bootstrapServers, log_level: 3 })
const sending = { 'compression.codec': job.compression, acks: job.acks }
const lingering = job.variant === 'linger-0' ? { 'linger.ms': 0 } : {}
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else if (job.kind === 'rate') await measureRate(job, await valueSender())
else await measureEndToEnd(job, await valueSender(), readValues)

async function valueSender() {
  const producer = kafka.producer({ ...sending, ...lingering })
  await producer.connect()
  return (value: Buffer) => producer.send({ topic, messages: [{ value }] })
}

async function makeConsumer() {
  const consumer = kafka.consumer({
    'group.id': `bench-${process.pid}-${process.hrtime.bigint()}`,
    'auto.offset.reset': 'earliest',
  })
  await consumer.connect()
  await consumer.subscribe({ topic })
  return consumer
}

async function readValues(onValue: (value: Buffer) => void) {
  const consumer = await makeConsumer()
  await consumer.run({ eachMessage: async ({ message }) => onValue(message.value) })
}

async function produce({ records, warmUpRecords, variant }: Job) {
  const send = variant === 'callback' ? await reportedSender() : await arraySender()
  await send(warmUpRecords)
  const stop = startMeasurement()
  await send(records)
  answer(stop(records))
}

async function arraySender() {
  const { arrayRecords } = job
  const messages = valuesOf(arrayRecords, valueBytes).map((value) => ({ value }))
  const producer = kafka.producer(sending)
  await producer.connect()
  return async (count: number) => {
    const inFlight: Promise<unknown>[] = []
    for (let sent = 0; sent < count; sent += arrayRecords) {
      inFlight.push(producer.send({ topic, messages }))
      if (inFlight.length === 5) await inFlight.shift()
    }
    await Promise.all(inFlight)
  }
}

async function reportedSender() {
  const values = valuesOf(distinctValues, valueBytes)
  const producer = new Producer({
    'bootstrap.servers': job.bootstrapServers,
    dr_cb: true,
    ...sending,
  })
  await new Promise<void>((resolve) => {
    producer.once('ready', resolve)
    producer.connect()
  })
  producer.setPollInterval(5)
  let delivered = 0
  let wake: () => void = () => undefined
  producer.on('delivery-report', (error) => {
    if (error) throw error
    delivered++
    wake()
  })
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  let sent = 0
  return async (count: number) => {
    for (let index = 0; index < count; index++) {
      if (sent - delivered >= mostQueued) await until(() => sent - delivered < mostQueued / 2)
      producer.produce(topic, null, values[index % distinctValues] as Buffer)
      sent++
    }
    await until(() => delivered === sent)
  }
}

async function consume({ records, warmUpRecords, variant }: Job) {
  const consumer = await makeConsumer()
  let seen = 0
  let checksum = 0
  let stop = startMeasurement()
  const count = (value: Buffer) => {
    checksum += value.readUInt32BE(0)
    if (++seen === warmUpRecords) stop = startMeasurement()
    if (seen === warmUpRecords + records) answer(stop(records, checksum))
  }
  await consumer.run(
    variant === 'eachBatch'
      ? {
          eachBatch: async ({ batch }) => {
            for (const { value } of batch.messages) count(value)
          },
        }
      : { eachMessage: async ({ message }) => count(message.value) },
  )
}
