// The load of one case, in a process of its own so that it can be pinned to a core.
// Takes a LoadJob as JSON, prints a LoadResult as JSON.
import { encodeRequestFrame, Metadata } from '@ottla/protocol'
import { endOffset } from './end-offset.ts'
import { batchOf, fetchFrame, produceError, produceFrame, RawConnection } from './wire.ts'

/** What to load a broker with. */
export interface LoadJob {
  kind: 'produce' | 'fetch' | 'round-trip' | 'metadata'
  address: string
  topic: string
  /** Bytes of a batch, or of a fetch at most. */
  bytes: number
  inFlight: number
  acks: number
  warmUpSeconds: number
  seconds: number
}

/** What came of it. The measured span is what the broker's CPU has to be taken over. */
export interface LoadResult {
  requests: number
  bytes: number
  seconds: number
  p50Us: number
  p99Us: number
}

const job = JSON.parse(process.argv[2] as string) as LoadJob
const result = job.kind === 'fetch' ? await fetchAll(job) : await pipeline(job)
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)

/** Keeps so many requests in flight for the time of the job. */
async function pipeline(load: LoadJob): Promise<LoadResult> {
  const { address, topic, bytes, inFlight, warmUpSeconds, seconds } = load
  const connection = await RawConnection.open(address)
  const { batch, records } = batchOf(bytes)
  const isProduce = load.kind !== 'metadata'
  const frame = isProduce
    ? produceFrame(topic, 0, batch, load.acks)
    : Buffer.from(
        encodeRequestFrame(
          Metadata,
          9,
          { correlationId: 1, clientId: 'bench' },
          { topics: [{ name: topic }] },
        ),
      )
  const before = isProduce ? await endOffset(address, topic) : 0
  const times: number[] = []
  const sentAt: number[] = []
  let answered = 0
  let measured = 0
  let startedAt = 0
  let endsAt = Number.POSITIVE_INFINITY
  let stopping = false
  await new Promise<void>((resolve, reject) => {
    let owed = 0
    // All requests are alike, so any number of them is one piece of a block: the load costs next to nothing.
    const block = Buffer.concat(Array.from({ length: inFlight }, () => frame))
    const flush = () => {
      const now = performance.now()
      for (let sent = 0; sent < owed; sent++) sentAt.push(now)
      connection.write([block.subarray(0, owed * frame.length)])
      owed = 0
    }
    connection.onFrame((answer) => {
      if (isProduce && produceError(answer) !== 0) {
        reject(new Error(`Produce answered error ${produceError(answer)}`))
      }
      answered++
      const now = performance.now()
      const sent = sentAt[answered - 1] as number
      if (startedAt > 0 && !stopping) {
        measured++
        if (times.length < 200_000) times.push(now - sent)
      }
      if (startedAt === 0 && now - begun > warmUpSeconds * 1000) {
        startedAt = now
        endsAt = now + seconds * 1000
        process.stderr.write('start\n')
      }
      if (!stopping && now > endsAt) {
        stopping = true
        endsAt = now
        process.stderr.write('stop\n')
      }
      if (stopping) {
        if (answered === sentAt.length + owed) resolve()
        return
      }
      if (owed === 0) queueMicrotask(flush)
      owed++
    })
    const begun = performance.now()
    owed = inFlight
    flush()
  })
  connection.close()
  if (isProduce) {
    const written = (await endOffset(address, topic)) - before
    if (written !== answered * records) {
      throw new Error(`${written} records were written, ${answered * records} acknowledged`)
    }
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0) * 1000
  return {
    requests: measured,
    bytes: measured * batch.length,
    seconds: (endsAt - startedAt) / 1000,
    p50Us: at(0.5),
    p99Us: at(0.99),
  }
}

/** Reads the partition from its start to its end, again and again, one fetch after the other. */
async function fetchAll(load: LoadJob): Promise<LoadResult> {
  const { address, topic, bytes, warmUpSeconds, seconds } = load
  const end = await endOffset(address, topic)
  const { batch, records } = batchOf(100_000)
  const perFetch = Math.max(1, Math.floor(bytes / batch.length)) * records
  const connection = await RawConnection.open(address)
  let received = 0
  let requests = 0
  let offset = 0
  let missing = -1
  let head: Buffer = Buffer.alloc(0)
  let startedAt = 0
  let endedAt = 0
  const begun = performance.now()
  await new Promise<void>((resolve) => {
    const next = () => {
      if (offset + perFetch > end) offset = 0
      connection.write([fetchFrame(topic, offset, bytes)])
      offset += perFetch
    }
    connection.onBytes((chunk) => {
      let piece = chunk
      if (missing < 0) {
        head = head.length === 0 ? piece : Buffer.concat([head, piece])
        if (head.length < 4) return
        missing = 4 + head.readInt32BE(0)
        piece = head
        head = Buffer.alloc(0)
      }
      missing -= piece.length
      if (startedAt > 0) received += piece.length
      if (missing > 0) return
      missing = -1
      const now = performance.now()
      if (startedAt > 0) requests++
      else if (now - begun > warmUpSeconds * 1000) {
        startedAt = now
        process.stderr.write('start\n')
      }
      if (startedAt > 0 && now - startedAt > seconds * 1000) {
        endedAt = now
        process.stderr.write('stop\n')
        return resolve()
      }
      next()
    })
    next()
  })
  connection.close()
  return { requests, bytes: received, seconds: (endedAt - startedAt) / 1000, p50Us: 0, p99Us: 0 }
}
