import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decodeResponse, encodeRequestFrame, Fetch } from '@ottla/protocol'

const fetchVersion = 11
const partitionMaxBytes = 1_048_576
const maxBytes = 52_428_800

/** What came from a partition. */
export interface Fetched {
  readonly partition: number
  readonly bytes: Uint8Array
}

/** Fetches all partitions of a topic on one socket, one after the other, each answer read into memory of exactly its size. */
export class FetchLoop {
  readonly #socket: Socket
  readonly #topic: string
  readonly #offsets: bigint[]
  readonly #frames: Uint8Array[] = []
  #wake: () => void = () => undefined

  private constructor(socket: Socket, topic: string, partitions: number, frames: Uint8Array[]) {
    this.#socket = socket
    this.#topic = topic
    this.#offsets = Array.from({ length: partitions }, () => 0n)
    this.#frames = frames
  }

  static async open(address: string, topic: string, partitions: number): Promise<FetchLoop> {
    const [host = '', port] = address.split(':')
    const frames: Uint8Array[] = []
    const size = Buffer.alloc(4)
    let target: Buffer = size
    let filled = 0
    const socket = connect({
      host,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: () => target.subarray(filled),
        callback: (bytes: number) => {
          filled += bytes
          if (filled < target.length) return true
          filled = 0
          if (target === size) {
            target = Buffer.allocUnsafeSlow(size.readInt32BE(0))
          } else {
            frames.push(target)
            target = size
            loop.#wake()
          }
          return true
        },
      },
    })
    const loop = new FetchLoop(socket, topic, partitions, frames)
    await once(socket, 'connect')
    return loop
  }

  /** The records of one answer, of all partitions that had some. @throws Error if a partition is refused */
  async fetch(): Promise<Fetched[]> {
    this.#socket.write(this.#request())
    if (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const frame = this.#frames.shift() as Uint8Array
    const { body } = decodeResponse(Fetch, fetchVersion, frame)
    return body.responses.flatMap(({ partitions }) =>
      partitions.flatMap(({ partitionIndex, errorCode, records }) => {
        if (errorCode !== 0) throw new Error(`Fetch of ${partitionIndex}: error ${errorCode}`)
        return records === null ? [] : [{ partition: partitionIndex, bytes: records }]
      }),
    )
  }

  /** Where the next fetch of this partition begins. */
  moveTo(partition: number, offset: bigint): void {
    this.#offsets[partition] = offset
  }

  #request(): Uint8Array {
    const partitions = this.#offsets.map((fetchOffset, partition) => ({
      partition,
      fetchOffset,
      partitionMaxBytes,
    }))
    return encodeRequestFrame(
      Fetch,
      fetchVersion,
      { correlationId: 1, clientId: 'bench' },
      { maxWaitMs: 500, minBytes: 1, maxBytes, topics: [{ topic: this.#topic, partitions }] },
    )
  }
}
