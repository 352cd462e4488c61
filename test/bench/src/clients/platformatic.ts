// Variants: produce: send (arrays of 1000, five in flight), awaited (one in flight); consume: data (stream events), records
// (for await). maxBytes 1 MB, its best setting: the default of 50 MB is eight times slower.
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka'
import { measureEndToEnd, measureRate } from '../fixed-rate.ts'
import { answer, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'
import { measureConcurrent, measureFirstRecords, measureSingles } from '../latency.ts'

const job = readJob()
const base = { clientId: 'bench', bootstrapBrokers: [job.bootstrapServers] }
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else if (job.kind === 'single') await measureSingles(job, singleSender(job))
else if (job.kind === 'concurrent') await measureConcurrent(job, singleSender(job))
else if (job.kind === 'rate') await measureRate(job, valueSender(job))
else if (job.kind === 'end-to-end') await measureEndToEnd(job, valueSender(job), readValues)
else await measureFirstRecords(job, readFirst)

function singleSender({ topic, valueBytes }: Job) {
  const messages = valuesOf(1, valueBytes).map((value) => ({ topic, value }))
  const producer = new Producer({ ...base })
  return () => producer.send({ messages, acks: 1 })
}

function valueSender({ topic, acks }: Job) {
  const producer = new Producer({ ...base })
  return (value: Buffer) => producer.send({ messages: [{ topic, value }], acks })
}

async function readValues(onValue: (value: Buffer) => void) {
  const groupId = `bench-${process.pid}-${process.hrtime.bigint()}`
  const consumer = new Consumer({ ...base, groupId, maxBytes: 1_048_576 })
  const stream = await consumer.consume({
    topics: [job.topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
  })
  stream.on('data', (message) => onValue(message.value as Buffer))
}

async function readFirst(groupId: string) {
  const consumer = new Consumer({ ...base, groupId, maxBytes: 1_048_576 })
  const stream = await consumer.consume({
    topics: [job.topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
  })
  await new Promise<void>((resolve) => stream.once('data', () => resolve()))
  return () => consumer.close(true)
}

async function produce(job: Job) {
  const { topic, records, warmUpRecords, valueBytes, acks, compression, arrayRecords } = job
  const mostInFlight = job.variant === 'awaited' ? 1 : 5
  const messages = valuesOf(arrayRecords, valueBytes).map((value) => ({ topic, value }))
  const producer = new Producer({ ...base })
  await sendAll(warmUpRecords)
  const stop = startMeasurement()
  await sendAll(records)
  answer(stop(records))

  async function sendAll(count: number): Promise<void> {
    const inFlight: Promise<unknown>[] = []
    for (let sent = 0; sent < count; sent += arrayRecords) {
      inFlight.push(producer.send({ messages, acks, compression }))
      if (inFlight.length === mostInFlight) await inFlight.shift()
    }
    await Promise.all(inFlight)
  }
}

async function consume({ topic, records, warmUpRecords, variant }: Job) {
  const consumer = new Consumer({
    ...base,
    groupId: `bench-${process.pid}-${process.hrtime.bigint()}`,
    maxBytes: 1_048_576,
  })
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
  })
  let seen = 0
  let checksum = 0
  let stop = startMeasurement()
  const count = (value: Buffer) => {
    checksum += value.readUInt32BE(0)
    if (++seen === warmUpRecords) stop = startMeasurement()
    if (seen === warmUpRecords + records) answer(stop(records, checksum))
  }
  if (variant === 'data') stream.on('data', (message) => count(message.value as Buffer))
  else for await (const message of stream) count(message.value as Buffer)
}
