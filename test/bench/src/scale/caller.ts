import {
  type Api,
  CreateTopics,
  decodeResponse,
  encodeRequestFrame,
  type Infer,
  type InferInput,
  type MessageType,
} from '@ottla/protocol'
import { produceError, produceFrame, RawConnection } from '../brokers/wire.ts'

/** Requests on one connection, any number in flight; answers come in order. */
export class Caller {
  readonly #connection: RawConnection
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #next = 0

  private constructor(connection: RawConnection) {
    this.#connection = connection
    connection.onFrame((frame) => {
      const answer = this.#waiting[this.#next]
      this.#next++
      if (this.#next === this.#waiting.length) {
        this.#waiting.length = 0
        this.#next = 0
      }
      answer?.(frame)
    })
  }

  static async open(address: string): Promise<Caller> {
    return new Caller(await RawConnection.open(address))
  }

  async call<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    version: number,
    body: InferInput<Request>,
  ): Promise<Infer<Response>> {
    const fields = { correlationId: 1, clientId: 'bench' }
    const frame = await this.#send(encodeRequestFrame(api, version, fields, body))
    return decodeResponse(api, version, frame.subarray(4)).body
  }

  /** @throws Error if the partition does not take the batch (acks=all). */
  async produce(topic: string, partition: number, batch: Uint8Array): Promise<void> {
    const code = produceError(await this.#send(produceFrame(topic, partition, batch, -1)))
    if (code !== 0) throw new Error(`Produce to ${topic}-${partition}: error ${code}`)
  }

  /** @throws Error if a topic is refused. */
  async createTopics(names: readonly string[], numPartitions: number): Promise<void> {
    const { topics } = await this.call(CreateTopics, 5, {
      topics: names.map((name) => ({
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      })),
      timeoutMs: 30_000,
    })
    const bad = topics.find(({ errorCode }) => errorCode !== 0)
    if (bad !== undefined) throw new Error(`CreateTopics of ${bad.name}: error ${bad.errorCode}`)
  }

  close(): void {
    this.#connection.close()
  }

  #send(frame: Uint8Array): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#connection.write([frame])
    })
  }
}
