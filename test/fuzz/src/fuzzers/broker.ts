import { ApiVersions, Produce, Reader, readRequestBody, readRequestHeader } from '@ottla/protocol'
import { apiByKey } from '@ottla/protocol/registry'
import fc from 'fast-check'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { valueOrRefusal } from '../must.js'
import { maxFrameBytes, ProbedBroker } from '../probed-broker.js'
import { RawConnection } from '../raw-connection.js'
import { requestStreams, type Served, topicIdMark } from '../requests.js'

const batchRuns = 100
/** Answers to these may wait for something that does not come. */
const parking = new Set(['Fetch', 'JoinGroup', 'SyncGroup'])

/** What has to come of a stream: `open` where no more can be said. */
interface Outcome {
  readonly answers: number
  readonly end: 'closed' | 'answered' | 'open'
}

/** Reads a stream as a broker would. */
function outcomeOf(stream: Buffer, served: ReadonlyMap<number, Served>): Outcome {
  let answers = 0
  for (let at = 0; at < stream.length; ) {
    if (stream.length - at < 4) return { answers, end: 'open' }
    const size = stream.readInt32BE(at)
    if (size < 0 || size > maxFrameBytes) return { answers, end: 'closed' }
    const end = at + 4 + size
    if (end > stream.length) return { answers, end: 'open' }
    const verdict = verdictOf(stream.subarray(at + 4, end), served)
    if (verdict !== 'answered') return { answers, end: verdict }
    answers += 1
    at = end
  }
  return { answers, end: 'answered' }
}

function verdictOf(frame: Buffer, served: ReadonlyMap<number, Served>): Outcome['end'] {
  const reader = new Reader(frame)
  const header = valueOrRefusal(() => readRequestHeader(reader))
  if (header === undefined) return 'closed'
  const { apiKey, apiVersion } = header
  const range = served.get(apiKey)
  if (range === undefined) return 'closed'
  const { api, min, max } = range
  if (apiVersion < min || apiVersion > max) {
    return apiKey === ApiVersions.key ? 'answered' : 'closed'
  }
  const body = valueOrRefusal(() => readRequestBody(api, apiVersion, reader))
  if (body === undefined) return 'closed'
  // What an answer of none is like cannot be told from here.
  const isSilent = apiKey === Produce.key && (body as { acks?: number }).acks === 0
  return parking.has(api.name) || isSilent ? 'open' : 'answered'
}

/** Sends the stream in pieces, each in a turn of its own. */
async function send(connection: RawConnection, stream: Buffer, pieces: number): Promise<void> {
  const step = Math.max(1, Math.ceil(stream.length / pieces))
  for (let at = 0; at < stream.length; at += step) {
    connection.write(stream.subarray(at, at + step))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The mark replaced by the topic's id. */
function withTopicId(stream: Buffer, topicId: string): Buffer {
  const mark = Buffer.from(topicIdMark.replaceAll('-', ''), 'hex')
  const id = Buffer.from(topicId.replaceAll('-', ''), 'hex')
  const output = Buffer.from(stream)
  for (let at = output.indexOf(mark); at >= 0; at = output.indexOf(mark, at + 16))
    output.set(id, at)
  return output
}

const servedBy = async (broker: ProbedBroker): Promise<Map<number, Served>> => {
  const served = new Map<number, Served>()
  for (const { key, min, max } of await broker.advertised()) {
    const api = apiByKey(key)
    if (api !== undefined) served.set(key, { api, min, max })
  }
  // It advertises versions of Produce that it closes the connection for, as Kafka does (KIP-896).
  const produce = served.get(Produce.key)
  if (produce !== undefined) served.set(Produce.key, { ...produce, min: 3 })
  return served
}

/** A broker on real sockets. */
export const createBroker = async (): Promise<Fuzzer> => {
  let broker = await ProbedBroker.start()
  let runs = 0
  const served = await servedBy(broker)
  const all = [...served.values()]
  const plain = requestStreams(all)
  // Where authentication is asked for, little else is listened to.
  const sasl = requestStreams(all.filter(({ api }) => api.name.startsWith('Sasl')))
  const inputs = fc
    .oneof(
      { arbitrary: fc.tuple(fc.constant('plain'), plain), weight: 4 },
      { arbitrary: fc.tuple(fc.constant('sasl'), fc.oneof(sasl, sasl, plain)), weight: 1 },
    )
    .chain(([name, stream]) =>
      fc.constantFrom(1, 1, 2, 5).map((pieces) => labelled(`${name} ${pieces}`, stream)),
    )

  const restart = async (): Promise<void> => {
    runs = 0
    await broker.close()
    broker = await ProbedBroker.start()
  }

  const run = async (input: Uint8Array): Promise<void> => {
    if (runs >= batchRuns) await restart()
    runs += 1
    const { words, body } = readLabel(input)
    const stream = withTopicId(body, broker.topicId)
    const isSasl = words[0] === 'sasl'
    const connection = await RawConnection.open(isSasl ? broker.saslPort : broker.port)
    try {
      await send(connection, stream, Number(words[1] ?? 1))
      const { answers, end } = outcomeOf(stream, served)
      if (!isSasl && end !== 'open') {
        await connection.until(
          `${answers} answers or the end of the connection`,
          () => end === 'answered' && connection.frameCount >= answers,
        )
      }
      await broker.check()
    } finally {
      connection.destroy()
    }
    await broker.othersGone()
  }
  return {
    inputs,
    batchRuns,
    maxGrowthBytes: 64 * 1024 * 1024,
    run,
    reset: restart,
    close: () => broker.close(),
  }
}
