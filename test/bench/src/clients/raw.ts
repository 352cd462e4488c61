// A bare socket and one encoded request: what a send would cost if the client cost nothing. Variant: request.
import { encodeRecordBatch } from '@ottla/protocol'
import { produceError, produceFrame, RawConnection } from '../brokers/wire.ts'
import { readJob, valuesOf } from '../job.ts'
import { measureSingles } from '../latency.ts'

const job = readJob()
const connection = await RawConnection.open(job.bootstrapServers)
const batch = encodeRecordBatch({
  records: valuesOf(1, job.valueBytes).map((value) => ({ value })),
})
const frame = produceFrame(job.topic, 0, batch, 1)
let answered: (frame: Buffer) => void = () => undefined
connection.onFrame((answer) => answered(answer))

await measureSingles(
  job,
  () =>
    new Promise<void>((resolve, reject) => {
      answered = (answer) => {
        const error = produceError(answer)
        if (error === 0) resolve()
        else reject(new Error(`Produce answered error ${error}`))
      }
      connection.write([frame])
    }),
)
