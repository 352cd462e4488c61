// The least that a broker can do, as the limit of the others: receive, compare the checksum, set the offset, append to a file,
// answer. One thread, no groups, no checks of records, no indexes; what a load does not send is not served.
// Takes a folder; prints `ready HOST:PORT`. A request that it cannot read ends it.
import { createServer, Socket } from 'node:net'
import { join } from 'node:path'
import {
  type Api,
  CreateTopics,
  crc32c,
  decodeRequestBody,
  decodeRequestHeader,
  encodeResponseFrame,
  Fetch,
  type Infer,
  type InferInput,
  ListOffsets,
  type MessageType,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { BareLog } from './bare-log.ts'

const readBytes = 4_194_304
const crcAt = 17
const checkedFrom = 21
const lastOffsetDeltaAt = 23

const folder = process.argv[2] as string
const logs = new Map<string, BareLog>()
const fetchBuffer = Buffer.allocUnsafeSlow(16_777_216)
let port = 0

function logOf(topic: string): BareLog {
  const found = logs.get(topic)
  if (found === undefined) throw new Error(`no topic ${topic}`)
  return found
}

/** Answers a request that is not the point of a load. */
function answerSlowly(frame: Buffer): Uint8Array {
  const { apiKey, apiVersion: version, correlationId, bodyOffset } = decodeRequestHeader(frame)
  const bodyOf = <Request extends MessageType>(api: Api<Request>): Infer<Request> =>
    decodeRequestBody(api, version, frame, bodyOffset)
  const answer = <Response extends MessageType>(
    api: Api<MessageType, Response>,
    body: InferInput<Response>,
  ) => encodeResponseFrame(api, version, correlationId, body)
  if (apiKey === Metadata.key) {
    return answer(
      Metadata,
      metadataOf((bodyOf(Metadata).topics ?? []).map(({ name }) => name ?? '')),
    )
  }
  if (apiKey === CreateTopics.key) {
    const names = bodyOf(CreateTopics).topics.map(({ name }) => name)
    for (const name of names) logs.set(name, new BareLog(join(folder, name)))
    return answer(CreateTopics, { topics: names.map((name) => ({ name, errorCode: 0 })) })
  }
  if (apiKey !== ListOffsets.key) throw new Error(`API ${apiKey} is not served`)
  const topics = bodyOf(ListOffsets).topics.map(({ name }) => ({
    name,
    partitions: [{ partitionIndex: 0, errorCode: 0, offset: BigInt(logOf(name).nextOffset) }],
  }))
  return answer(ListOffsets, { topics })
}

function metadataOf(names: readonly string[]): InferInput<typeof Metadata.response> {
  const partitions = [
    { errorCode: 0, partitionIndex: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] },
  ]
  return {
    brokers: [{ nodeId: 1, host: '127.0.0.1', port }],
    controllerId: 1,
    topics: names.map((name) => ({ errorCode: 0, name, partitions })),
  }
}

const templates = new Map<string, Buffer>()

/** The answer to a Produce of one batch, where only its base offset is new. */
function produceAnswer(topic: string, version: number, correlationId: number): Buffer {
  const found = templates.get(topic)
  const template =
    found ??
    Buffer.from(
      encodeResponseFrame(Produce, version, 0, {
        responses: [
          { name: topic, partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0n }] },
        ],
      }),
    )
  if (found === undefined) templates.set(topic, template)
  const answer = Buffer.from(template)
  answer.writeInt32BE(correlationId, 4)
  return answer
}

/** Produce 7 of one partition: its fields have their places, and the batch is the rest. */
function produce(frame: Buffer, touched: Set<BareLog>): Uint8Array {
  const clientIdBytes = Math.max(0, frame.readInt16BE(8))
  const nameAt = 10 + clientIdBytes + 2 + 2 + 4 + 4
  const nameBytes = frame.readInt16BE(nameAt)
  const topic = frame.toString('latin1', nameAt + 2, nameAt + 2 + nameBytes)
  const batch = frame.subarray(nameAt + 2 + nameBytes + 4 + 4 + 4)
  const log = logOf(topic)
  if (crc32c(batch, checkedFrom) !== batch.readUInt32BE(crcAt)) throw new Error('bad checksum')
  const baseOffset = log.nextOffset
  batch.writeUInt32BE(Math.floor(baseOffset / 2 ** 32), 0)
  batch.writeUInt32BE(baseOffset >>> 0, 4)
  log.append(batch, batch.readInt32BE(lastOffsetDeltaAt) + 1)
  touched.add(log)
  const answer = produceAnswer(topic, frame.readInt16BE(2), frame.readInt32BE(4))
  const offsetAt = 4 + 4 + 4 + 2 + nameBytes + 4 + 4 + 2
  batch.copy(answer, offsetAt, 0, 8)
  return answer
}

/** Fetch 11 of one partition: the answer up to the records is the schema's, and the records follow as they are in the file. */
function fetch(frame: Buffer): Uint8Array[] {
  const { apiVersion: version, correlationId, bodyOffset } = decodeRequestHeader(frame)
  const body = decodeRequestBody(Fetch, version, frame, bodyOffset)
  const [topic] = body.topics
  const [wanted] = topic?.partitions ?? []
  if (topic === undefined || wanted === undefined) throw new Error('a fetch of nothing')
  const log = logOf(topic.topic)
  const most = Math.min(wanted.partitionMaxBytes, fetchBuffer.length)
  const bytes = log.read(Number(wanted.fetchOffset), fetchBuffer.subarray(0, most))
  const highWatermark = BigInt(log.nextOffset)
  const head = Buffer.from(
    encodeResponseFrame(Fetch, version, correlationId, {
      responses: [
        {
          topic: topic.topic,
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              highWatermark,
              lastStableOffset: highWatermark,
              logStartOffset: 0n,
              abortedTransactions: null,
              records: new Uint8Array(0),
            },
          ],
        },
      ],
    }),
  )
  head.writeInt32BE(head.length - 4 + bytes, 0)
  head.writeInt32BE(bytes, head.length - 4)
  // A copy, for the socket may take it later than the next fetch comes.
  return [head, Buffer.from(fetchBuffer.subarray(0, bytes))]
}

/** A connection: bytes are read into one piece of memory, and every turn ends with one write to each file and one to the socket. */
function serve(accepted: Socket): void {
  const memory = Buffer.allocUnsafeSlow(readBytes)
  let filled = 0
  const onread = {
    buffer: () => memory.subarray(filled),
    callback: (bytes: number) => {
      filled += bytes
      const used = answerAll(socket, memory.subarray(0, filled))
      memory.copyWithin(0, used, filled)
      filled -= used
      return true
    },
  }
  // Accepted sockets take `onread` only when they are made anew around their handle.
  const { _handle: handle } = accepted as Socket & { _handle: object }
  const options = { handle, onread }
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.resume()
}

/** Answers every whole frame and gives how many bytes those were. */
function answerAll(socket: Socket, bytes: Buffer): number {
  const touched = new Set<BareLog>()
  let at = 0
  socket.cork()
  while (bytes.length - at >= 4 && bytes.length - at >= 4 + bytes.readInt32BE(at)) {
    const end = at + 4 + bytes.readInt32BE(at)
    const frame = bytes.subarray(at + 4, end)
    const apiKey = frame.readInt16BE(0)
    if (apiKey === Produce.key) socket.write(produce(frame, touched))
    else if (apiKey === Fetch.key) for (const part of fetch(frame)) socket.write(part)
    else socket.write(answerSlowly(frame))
    at = end
  }
  for (const log of touched) log.flush()
  socket.uncork()
  return at
}

const server = createServer({ pauseOnConnect: true }, serve)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  port = address.port
  console.log(`ready 127.0.0.1:${port}`)
})
