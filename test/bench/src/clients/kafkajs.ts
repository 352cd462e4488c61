// Variants: produce: send (arrays of 1000, five in flight); consume: eachBatch, eachMessage.
import kafkajs from 'kafkajs'
import { answer, distinctValues, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'

const job = readJob()
const kafka = new kafkajs.Kafka({
  brokers: [job.bootstrapServers],
  logLevel: kafkajs.logLevel.NOTHING,
})
if (job.kind === 'produce') await produce(job)
else await consume(job)

async function produce({ topic, records, warmUpRecords, valueBytes }: Job) {
  const messages = valuesOf(distinctValues, valueBytes).map((value) => ({ value }))
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
    for (let sent = 0; sent < count; sent += 1000) {
      inFlight.push(producer.send({ topic, messages, acks: 1 }))
      if (inFlight.length === 5) await inFlight.shift()
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
