// Variants: produce: send (arrays of 1000, five in flight), awaited (one in flight); consume: eachBatch, eachMessage.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { measureEndToEnd, measureRate } from '../fixed-rate.ts'
import { answer, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'
import { measureConcurrent, measureFirstRecords, measureSingles } from '../latency.ts'

// It has gzip only; others are plugged in, as its documentation says. These are the fastest that Node has.
const { CompressionTypes, CompressionCodecs } = kafkajs
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => compressFrameSync(buffer),
  decompress: async (buffer: Buffer) => decompressFrameSync(buffer),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
  decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
})
const compressionTypes = {
  none: CompressionTypes.None,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

const job = readJob()
const kafka = new kafkajs.Kafka({
  brokers: [job.bootstrapServers],
  logLevel: kafkajs.logLevel.NOTHING,
})
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else if (job.kind === 'single') await measureSingles(job, await singleSender(job))
else if (job.kind === 'concurrent') await measureConcurrent(job, await singleSender(job))
else if (job.kind === 'rate') await measureRate(job, await valueSender(job))
else if (job.kind === 'end-to-end') await measureEndToEnd(job, await valueSender(job), readValues)
else await measureFirstRecords(job, readFirst)

async function singleSender({ topic, valueBytes }: Job) {
  const messages = valuesOf(1, valueBytes).map((value) => ({ value }))
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  return () => producer.send({ topic, messages, acks: 1 })
}

async function valueSender({ topic, acks }: Job) {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  return (value: Buffer) => producer.send({ topic, messages: [{ value }], acks })
}

async function readValues(onValue: (value: Buffer) => void) {
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}-${process.hrtime.bigint()}` })
  await consumer.connect()
  await consumer.subscribe({ topic: job.topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => onValue(message.value as Buffer) })
}

async function readFirst(groupId: string) {
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic: job.topic, fromBeginning: true })
  await new Promise<void>((resolve) => {
    void consumer.run({ eachMessage: async () => resolve() })
  })
  return () => consumer.disconnect()
}

async function produce(job: Job) {
  const { topic, records, warmUpRecords, valueBytes, acks, arrayRecords } = job
  const compression = compressionTypes[job.compression]
  const mostInFlight = job.variant === 'awaited' ? 1 : 5
  const messages = valuesOf(arrayRecords, valueBytes).map((value) => ({ value }))
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    maxInFlightRequests: 5,
  })
  await producer.connect()
  await sendAll(warmUpRecords)
  const stop = startMeasurement()
  await sendAll(records)
  answer(stop(records))

  async function sendAll(count: number): Promise<void> {
    const inFlight: Promise<unknown>[] = []
    for (let sent = 0; sent < count; sent += arrayRecords) {
      inFlight.push(producer.send({ topic, messages, acks, compression }))
      if (inFlight.length === mostInFlight) await inFlight.shift()
    }
    await Promise.all(inFlight)
  }
}

async function consume({ topic, records, warmUpRecords, variant }: Job) {
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}-${process.hrtime.bigint()}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
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
            for (const { value } of batch.messages) count(value as Buffer)
          },
        }
      : { eachMessage: async ({ message }) => count(message.value as Buffer) },
  )
}
