// The least that a client can do, as the limit of the others: a bare socket and the codec. Variants: single: request (one encoded
// beforehand); produce: bare (records encoded and checked, one batch a request); consume: bare (no group, checksums compared).
import { batchLayout, decodeRecords, encodeRecordBatch, RecordBatchBuilder } from '@ottla/protocol'
import { produceError, produceFrame, RawConnection } from '../brokers/wire.ts'
import { answer, distinctValues, type Job, readJob, startMeasurement, valuesOf } from '../job.ts'
import { measureSingles } from '../latency.ts'
import { FetchLoop } from '../limit/fetch-loop.ts'

const batchBytes = 100_000
const inFlight = 5

const job = readJob()
if (job.kind === 'produce') await produce(job)
else if (job.kind === 'consume') await consume(job)
else await measureSingles(job, await requestSender(job))

async function requestSender({ topic, valueBytes }: Job) {
  const connection = await RawConnection.open(job.bootstrapServers)
  const batch = encodeRecordBatch({ records: valuesOf(1, valueBytes).map((value) => ({ value })) })
  const frame = produceFrame(topic, 0, batch, 1)
  let answered: (frame: Buffer) => void = () => undefined
  connection.onFrame((response) => answered(response))
  return () =>
    new Promise<void>((resolve, reject) => {
      answered = (response) => {
        const error = produceError(response)
        if (error === 0) resolve()
        else reject(new Error(`Produce answered error ${error}`))
      }
      connection.write([frame])
    })
}

/** A Produce request up to its batch, for batches of any size. */
function headOf(topic: string, partition: number, acks: number): Buffer {
  const nothing = new Uint8Array(batchLayout.magic + 1)
  const frame = produceFrame(topic, partition, nothing, acks)
  return frame.subarray(0, frame.length - nothing.length)
}

async function produce({ topic, records, warmUpRecords, valueBytes, acks, partitions }: Job) {
  const values = valuesOf(distinctValues, valueBytes)
  const connection = await RawConnection.open(job.bootstrapServers)
  const heads = Array.from({ length: partitions }, (_, index) => headOf(topic, index, acks))
  const builders = Array.from(
    { length: inFlight },
    () => new RecordBatchBuilder({ maxBytes: batchBytes }),
  )
  let left = 0
  let waiting = 0
  let turn = 0
  let done: () => void = () => undefined
  connection.onFrame((response) => {
    const error = produceError(response)
    if (error !== 0) throw new Error(`Produce answered error ${error}`)
    waiting--
    // Answers come in order, so the builder of the oldest request is the next one's.
    if (left > 0) sendBatch()
    else if (waiting === 0) done()
  })
  await sendAll(warmUpRecords)
  const stop = startMeasurement()
  await sendAll(records)
  answer(stop(records))

  async function sendAll(count: number): Promise<void> {
    left = count
    await new Promise<void>((resolve) => {
      done = resolve
      for (let begun = 0; begun < inFlight && left > 0; begun++) sendBatch()
    })
  }

  function sendBatch(): void {
    const builder = builders[turn % inFlight] as RecordBatchBuilder
    const head = Buffer.from(heads[turn % partitions] as Buffer)
    turn++
    builder.reset()
    const now = Date.now()
    while (left > 0) {
      const value = values[left % distinctValues] as Buffer
      if (builder.tryAppend(null, value, undefined, now) < 0) break
      left--
    }
    const batch = builder.finish()
    head.writeInt32BE(head.length - 4 + batch.length, 0)
    head.writeInt32BE(batch.length, head.length - 4)
    waiting++
    connection.write([head, batch])
  }
}

async function consume({ topic, records, warmUpRecords, partitions, bootstrapServers }: Job) {
  let seen = 0
  let checksum = 0
  let stop = startMeasurement()
  const loop = await FetchLoop.open(bootstrapServers, topic, partitions)
  while (seen < warmUpRecords + records) {
    for (const { partition, bytes } of await loop.fetch()) {
      for (const batch of decodeRecords(bytes)) {
        const cursor = batch.records()
        while (cursor.next()) {
          checksum += (cursor.value as Buffer).readUInt32BE(0)
          if (++seen === warmUpRecords) stop = startMeasurement()
        }
        loop.moveTo(partition, batch.nextOffset)
      }
    }
  }
  answer(stop(records, checksum))
}
