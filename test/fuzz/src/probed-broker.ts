import { type Broker, startBroker } from '@ottla/broker'
import {
  type Api,
  ApiVersions,
  CreateTopics,
  decodeResponse,
  encodeRecordBatch,
  encodeRequestFrame,
  Fetch,
  type Infer,
  type InferInput,
  KafkaError,
  type MessageType,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { must, mustEqual } from './must.js'
import { RawConnection, within } from './raw-connection.js'

/** The topic that inputs write to, and the one that nobody but the probe touches. */
export const fuzzTopic = 'fuzz'
const knownTopic = 'known'

const configs = {
  'connection.failed.authentication.delay.ms': '0',
  'socket.request.max.bytes': '1000000',
}

/** Longest frame that it takes. */
export const maxFrameBytes = 1_000_000

/** A broker in memory, and a second connection to it that shows whether it still serves. */
export class ProbedBroker {
  readonly port: number
  readonly saslPort: number
  /** Of {@link fuzzTopic}. */
  readonly topicId: string
  readonly #broker: Broker
  readonly #probe: RawConnection
  readonly #problems: string[] = []
  readonly #open = new Set<number>()
  #onFewer: () => void = () => {}
  #correlationId = 0
  #known = ''

  private constructor(broker: Broker, probe: RawConnection, topicId: string) {
    this.#broker = broker
    this.#probe = probe
    this.topicId = topicId
    const [plain, sasl] = broker.listeners
    this.port = plain?.port ?? 0
    this.saslPort = sasl?.port ?? 0
  }

  static async start(): Promise<ProbedBroker> {
    const broker = await startBroker({
      listeners: [{ protocol: 'PLAINTEXT' }, { protocol: 'SASL_PLAINTEXT' }],
      users: [{ name: 'alice', password: 'secret' }],
      configs,
    })
    const probe = await RawConnection.open(broker.listeners[0]?.port ?? 0)
    const made = new ProbedBroker(broker, probe, await createTopics(probe))
    await made.#begin()
    return made
  }

  async #begin(): Promise<void> {
    this.#known = await this.#produceAndFetch('what is known')
    const { events } = this.#broker
    events.on('connection', ({ connectionId }) => this.#open.add(connectionId))
    events.on('disconnection', ({ connectionId }) => {
      this.#open.delete(connectionId)
      this.#onFewer()
    })
    events.on('problem', ({ what, error }) => {
      // Refusals have words of their own; anything else is a fault of the broker.
      if (error instanceof KafkaError) return
      this.#problems.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`)
    })
  }

  /** APIs and versions, as the broker tells them. */
  async advertised(): Promise<readonly { key: number; min: number; max: number }[]> {
    const { apiKeys } = await this.#ask(ApiVersions, 0, {})
    return apiKeys.map(({ apiKey, minVersion, maxVersion }) => ({
      key: apiKey,
      min: minVersion,
      max: maxVersion,
    }))
  }

  /** Fails unless others are served as before and nothing went wrong inside. */
  async check(): Promise<void> {
    const metadata = await this.#ask(Metadata, 12, { topics: [{ name: knownTopic }] })
    mustEqual(metadata.topics[0]?.errorCode, 0, 'metadata of another topic')
    mustEqual(await this.#produceAndFetch(undefined), this.#known, 'the record of another topic')
    must(this.#problems.length === 0, () => `inside the broker: ${this.#problems[0]}`)
  }

  /** Waits until no connection but the probe's is left. */
  async othersGone(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#onFewer = () => {
        if (this.#open.size === 0) resolve()
      }
      this.#onFewer()
    })
    await within('the end of all connections', gone)
  }

  async close(): Promise<void> {
    this.#probe.destroy()
    await this.#broker.close()
  }

  /** Writes a record to the known topic, or to one beside it, and reads the known one. */
  async #produceAndFetch(value: string | undefined): Promise<string> {
    const records = encodeRecordBatch({ records: [{ value: value ?? 'probe', timestamp: 1 }] })
    const name = value === undefined ? 'probe' : knownTopic
    const { responses } = await this.#ask(Produce, 9, {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name, partitionData: [{ index: 0, records }] }],
    })
    mustEqual(responses[0]?.partitionResponses[0]?.errorCode, 0, 'produce of the probe')
    const fetched = await this.#ask(Fetch, 11, {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [
        {
          topic: knownTopic,
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 9999 }],
        },
      ],
      replicaState: {},
      forgottenTopicsData: [],
    })
    const bytes = fetched.responses[0]?.partitions[0]?.records ?? new Uint8Array(0)
    return Buffer.from(bytes).toString('hex')
  }

  async #ask<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    version: number,
    body: InferInput<Request>,
  ): Promise<Infer<Response>> {
    this.#correlationId += 1
    return ask(this.#probe, api, version, this.#correlationId, body)
  }
}

async function ask<Request extends MessageType, Response extends MessageType>(
  connection: RawConnection,
  api: Api<Request, Response>,
  version: number,
  correlationId: number,
  body: InferInput<Request>,
): Promise<Infer<Response>> {
  connection.write(encodeRequestFrame(api, version, { correlationId, clientId: 'probe' }, body))
  const frame = await connection.frame(`the answer to ${api.name} on another connection`)
  const response = decodeResponse(api, version, frame)
  mustEqual(response.correlationId, correlationId, 'correlation id on another connection')
  return response.body
}

async function createTopics(connection: RawConnection): Promise<string> {
  const topics = [fuzzTopic, knownTopic, 'probe'].map((name) => ({
    name,
    numPartitions: name === fuzzTopic ? 2 : 1,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  }))
  const answer = await ask(connection, CreateTopics, 7, 0, { topics, timeoutMs: 5000 })
  return answer.topics.find(({ name }) => name === fuzzTopic)?.topicId ?? ''
}
