// Variants: produce: enqueue (a callback per record), send (arrays of 1000, a result per record),
// defaults (enqueue, acks=all, idempotent); consume: batches, records.
import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { measureEndToEnd, measureRate } from '../fixed-rate.ts'
import { answer, distinctValues, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'
import { measureConcurrent, measureFirstRecords, measureSingles } from '../latency.ts'

const job = readJob()
const { bootstrapServers, topic } = job
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else if (job.kind === 'single') await measureSingles(job, singleSender(job))
else if (job.kind === 'concurrent') await measureConcurrent(job, singleSender(job))
else if (job.kind === 'rate') await measureRate(job, valueSender())
else if (job.kind === 'end-to-end') await measureEndToEnd(job, valueSender(), readValues)
else await measureFirstRecords(job, readFirst)

function singleSender({ valueBytes }: Job) {
  const [value = null] = valuesOf(1, valueBytes)
  const producer = new Producer({ bootstrapServers, acks: 1, enableIdempotence: false })
  return () => producer.send({ topic, value })
}

function valueSender() {
  const producer = new Producer({ bootstrapServers, acks: job.acks, enableIdempotence: false })
  return (value: Buffer) => producer.send({ topic, value })
}

async function readValues(onValue: (value: Buffer) => void) {
  const consumer = new Consumer({
    bootstrapServers,
    groupId: `bench-${process.pid}-${process.hrtime.bigint()}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
  })
  for await (const record of consumer) onValue(record.value as Buffer)
}

async function readFirst(groupId: string) {
  const consumer = new Consumer({
    bootstrapServers,
    groupId,
    topics: [topic],
    autoOffsetReset: 'earliest',
  })
  for await (const _ of consumer) break
  return () => consumer.close()
}

async function produce({
  bootstrapServers,
  topic,
  records,
  warmUpRecords,
  valueBytes,
  variant,
  compression,
  acks,
  arrayRecords,
}: Job) {
  const values = valuesOf(distinctValues, valueBytes)
  const producer = new Producer({
    bootstrapServers,
    batchSize: 100_000,
    compression,
    ...(variant === 'defaults' ? {} : { acks, enableIdempotence: false }),
  })
  const send = variant === 'send' ? sendArrays : enqueueAll
  await send(warmUpRecords)
  const stop = startMeasurement()
  await send(records)
  answer(stop(records))

  async function enqueueAll(count: number): Promise<void> {
    let delivered = 0
    const onDelivery = (error?: Error | null) => {
      if (error) throw error
      delivered++
    }
    for (let sequence = 0; sequence < count; sequence++) {
      const value = values[sequence % distinctValues] as Buffer
      if (!producer.enqueue({ topic, value }, onDelivery)) await producer.drained()
    }
    await producer.flush()
    if (delivered !== count) throw new Error(`delivered ${delivered} of ${count}`)
  }

  async function sendArrays(count: number): Promise<void> {
    const inFlight: Promise<unknown>[] = []
    const array = values.slice(0, arrayRecords)
    for (let sent = 0; sent < count; sent += arrayRecords) {
      inFlight.push(producer.send(array.map((value) => ({ topic, value }))))
      if (inFlight.length === 10) await inFlight.shift()
    }
    await Promise.all(inFlight)
  }
}

async function consume({ bootstrapServers, topic, records, warmUpRecords, variant }: Job) {
  const consumer = new Consumer({
    bootstrapServers,
    groupId: `bench-${process.pid}-${process.hrtime.bigint()}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
  })
  let seen = 0
  let checksum = 0
  let stop = startMeasurement()
  if (variant === 'batches') {
    for await (const batch of consumer.batches()) {
      for (const record of batch) count(record.value as Buffer)
      if (seen === warmUpRecords + records) break
    }
  } else {
    for await (const record of consumer) {
      count(record.value as Buffer)
      if (seen === warmUpRecords + records) break
    }
  }
  answer(stop(records, checksum))

  function count(value: Buffer): void {
    checksum += value.readUInt32BE(0)
    if (++seen === warmUpRecords) stop = startMeasurement()
  }
}
