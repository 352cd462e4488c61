import { formatAddress, type Listener } from '@ottla/network'
import type { SimulatedPlatform } from '@ottla/network/simulation'
import {
  type Api,
  ApiVersions,
  decodeRequestBody,
  decodeRequestHeader,
  ErrorCode,
  encodeRecordBatch,
  encodeResponse,
  Fetch,
  type FetchRequest,
  type FetchResponseInput,
  ListOffsets,
  type ListOffsetsRequest,
  type MessageType,
  Metadata,
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
} from '@ottla/protocol'

type PartitionAnswer = NonNullable<
  NonNullable<FetchResponseInput['responses']>[number]['partitions']
>[number]

/** One fetch of the one partition there is. */
export interface Fetched {
  readonly node: number
  readonly offset: number
  readonly rack: string
  readonly atMs: number
}

/** What a node says: fields of the partition's answer, `'records'` from its log, or `'silence'`. */
export type Answer = Partial<PartitionAnswer> | 'records' | 'silence'

const apis: readonly Api<MessageType, MessageType>[] = [
  ApiVersions,
  Metadata,
  Fetch,
  ListOffsets,
  OffsetForLeaderEpoch,
]
const topicId = '00000000-0000-4000-8000-000000000001'

/** Several brokers with one partition, `t-0`, that say what a test tells them to. Metadata names `known` nodes and `leader`. */
export class ScriptedCluster {
  /** What metadata says. */
  leader = { node: 1, epoch: 0 }
  known: number[]
  /** How each fetch is answered. */
  answer: (fetched: Fetched) => Answer = () => 'records'
  readonly fetches: Fetched[] = []
  metadataRequests = 0
  /** One record each; a record's offset is its index. */
  endOffset = 0
  readonly #world: SimulatedPlatform
  readonly #listeners: Listener[] = []

  private constructor(world: SimulatedPlatform, nodes: readonly number[]) {
    this.#world = world
    this.known = [...nodes]
  }

  static async start(world: SimulatedPlatform, nodes: readonly number[]): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster(world, nodes)
    for (const node of nodes) await cluster.#listen(node)
    return cluster
  }

  get bootstrapServers(): string {
    return formatAddress(addressOf(this.known[0] ?? 1))
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) await listener.close()
  }

  async #listen(node: number): Promise<void> {
    const { host, port } = addressOf(node)
    const network = this.#world.network.host(host)
    const options = { host, port, maxFrameBytes: 1_000_000 }
    const listener = await network.listen(options, (connection) => ({
      onFrame: (frame) => {
        const header = decodeRequestHeader(frame)
        const api = apis.find(({ key }) => key === header.apiKey)
        if (api === undefined) throw new Error(`no script for API key ${header.apiKey}`)
        const body = decodeRequestBody(api, header.apiVersion, frame, header.bodyOffset)
        const reply = (response: unknown): void => {
          connection.send(encodeResponse(api, header.apiVersion, header.correlationId, response))
        }
        this.#onRequest(node, api, body, reply)
      },
      onClose: () => {},
    }))
    this.#listeners.push(listener)
  }

  #onRequest(
    node: number,
    api: Api<MessageType, MessageType>,
    body: unknown,
    reply: (response: unknown) => void,
  ): void {
    if (api === Fetch) this.#fetch(node, body as FetchRequest, reply)
    else if (api === Metadata) reply(this.#metadata())
    else if (api === ListOffsets) reply(this.#listOffsets(body as ListOffsetsRequest))
    else if (api === OffsetForLeaderEpoch) {
      reply(this.#epochEnd(body as OffsetForLeaderEpochRequest))
    } else {
      const apiKeys = apis.map(({ key, versions }) => ({
        apiKey: key,
        minVersion: versions.min,
        maxVersion: versions.max,
      }))
      reply({ errorCode: 0, apiKeys })
    }
  }

  #metadata(): unknown {
    const { leader, known } = this
    this.metadataRequests++
    return {
      brokers: known.map((node) => ({ nodeId: node, ...addressOf(node) })),
      clusterId: 'scripted',
      controllerId: known[0],
      topics: [
        {
          name: 't',
          topicId,
          errorCode: 0,
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              leaderId: leader.node,
              leaderEpoch: leader.epoch,
              replicaNodes: known,
              isrNodes: known,
            },
          ],
        },
      ],
    }
  }

  #listOffsets({ topics }: ListOffsetsRequest): unknown {
    const { endOffset } = this
    const partitions = [
      { partitionIndex: 0, errorCode: 0, timestamp: -1n, offset: BigInt(endOffset) },
    ]
    return { topics: topics.map(({ name }) => ({ name, partitions })) }
  }

  #epochEnd({ topics }: OffsetForLeaderEpochRequest): unknown {
    const partitions = [
      { partition: 0, errorCode: 0, leaderEpoch: 0, endOffset: BigInt(this.endOffset) },
    ]
    return { topics: topics.map(({ topic }) => ({ topic, partitions })) }
  }

  /** Without sessions: every request names the partition, every answer answers for it. */
  #fetch(node: number, request: FetchRequest, reply: (response: unknown) => void): void {
    const { clock } = this.#world
    const asked = request.topics[0]?.partitions[0]
    if (asked === undefined) {
      reply({ responses: [] })
      return
    }
    const offset = Number(asked.fetchOffset)
    const fetched = { node, offset, rack: request.rackId, atMs: clock.monotonic() }
    this.fetches.push(fetched)
    const answer = this.answer(fetched)
    if (answer === 'silence') return
    const isRecords = answer === 'records'
    const partition: PartitionAnswer = {
      partitionIndex: 0,
      errorCode: ErrorCode.NONE,
      highWatermark: BigInt(this.endOffset),
      records: isRecords && offset < this.endOffset ? recordAt(offset) : null,
      ...(isRecords ? {} : answer),
    }
    const nodeEndpoints = [{ nodeId: this.leader.node, ...addressOf(this.leader.node) }]
    const send = (): void => {
      reply({ responses: [{ topicId, partitions: [partition] }], nodeEndpoints })
    }
    if (isRecords && partition.records === null) clock.setTimer(request.maxWaitMs, send)
    else send()
  }
}

const addressOf = (node: number) => ({ host: `node-${node}`, port: 9092 })

const recordAt = (offset: number): Uint8Array =>
  encodeRecordBatch({
    records: [{ value: String(offset) }],
    baseOffset: BigInt(offset),
    partitionLeaderEpoch: 0,
  })
