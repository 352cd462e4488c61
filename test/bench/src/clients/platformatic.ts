// Variants: produce: send (arrays of 1000, five in flight); consume: data (stream events), records
// (for await). maxBytes 1 MB, its best setting: the default of 50 MB is eight times slower.
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka'
import { answer, distinctValues, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'
import { measureConcurrent, measureFirstRecords, measureSingles } from '../latency.ts'

const job = readJob()
const base = { clientId: 'bench', bootstrapBrokers: [job.bootstrapServers] }
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else if (job.kind === 'single') await measureSingles(job, singleSender(job))
else if (job.kind === 'concurrent') await measureConcurrent(job, singleSender(job))
else await measureFirstRecords(job, readFirst)

function singleSender({ topic, valueBytes }: Job) {
  const messages = valuesOf(1, valueBytes).map((value) => ({ topic, value }))
  const producer = new Producer({ ...base })
  return () => producer.send({ messages, acks: 1 })
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

async function produce({ topic, records, warmUpRecords, valueBytes }: Job) {
  const messages = valuesOf(distinctValues, valueBytes).map((value) => ({ topic, value }))
  const producer = new Producer({ ...base })
  await sendAll(warmUpRecords)
  const stop = startMeasurement()
  await sendAll(records)
  answer(stop(records))

  async function sendAll(count: number): Promise<void> {
    const inFlight: Promise<unknown>[] = []
    for (let sent = 0; sent < count; sent += 1000) {
      inFlight.push(producer.send({ messages, acks: 1 }))
      if (inFlight.length === 5) await inFlight.shift()
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
