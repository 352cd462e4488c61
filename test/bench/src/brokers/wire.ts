import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeRecordBatch, encodeRequestFrame, Fetch, Produce } from '@ottla/protocol'
import { valuesOf } from '../job.ts'

/** Every broker of the bench speaks these, and their answers are of fixed shape. */
const produceVersion = 7
const fetchVersion = 11
const clientId = 'bench'

/** A connection whose frames are only counted and looked at, never copied together when it can be helped. */
export class RawConnection {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async open(address: string): Promise<RawConnection> {
    const [host = '', port] = address.split(':')
    const socket = connect({ host, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Calls back with every whole response frame, its size included. */
  onFrame(callback: (frame: Buffer) => void): void {
    this.#socket.on('data', (chunk: Buffer) => {
      let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0)
        callback(bytes.subarray(0, end))
        bytes = bytes.subarray(end)
      }
      this.#rest = bytes
    })
  }

  /** Calls back with the size of every piece read: for answers too large to be put together. */
  onBytes(callback: (chunk: Buffer) => void): void {
    this.#socket.on('data', callback)
  }

  write(frames: readonly Uint8Array[]): void {
    this.#socket.cork()
    for (const frame of frames) this.#socket.write(frame)
    this.#socket.uncork()
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** A batch of 100-byte values of about this many bytes, as a producer would send it. */
export function batchOf(bytes: number): { batch: Uint8Array; records: number } {
  const records = Math.max(1, Math.round((bytes - 61) / 107))
  const values = valuesOf(records, 100)
  return { batch: encodeRecordBatch({ records: values.map((value) => ({ value })) }), records }
}

/** A Produce request of one batch, as a frame. */
export function produceFrame(topic: string, partition: number, batch: Uint8Array, acks: number) {
  const frame = encodeRequestFrame(
    Produce,
    produceVersion,
    { correlationId: 1, clientId },
    {
      acks,
      timeoutMs: 30_000,
      topicData: [{ name: topic, partitionData: [{ index: partition, records: batch }] }],
    },
  )
  return Buffer.from(frame)
}

/** The error code in the answer to a `produceFrame`. */
export function produceError(frame: Buffer): number {
  const nameBytes = frame.readInt16BE(12)
  return frame.readInt16BE(14 + nameBytes + 8)
}

/** A Fetch request of one partition, as a frame. */
export function fetchFrame(topic: string, offset: number, maxBytes: number): Buffer {
  const frame = encodeRequestFrame(
    Fetch,
    fetchVersion,
    { correlationId: 1, clientId },
    {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes,
      topics: [
        {
          topic,
          partitions: [{ partition: 0, fetchOffset: BigInt(offset), partitionMaxBytes: maxBytes }],
        },
      ],
    },
  )
  return Buffer.from(frame)
}
