import {
  type Api,
  ApiVersions,
  decodeRequestBody,
  decodeRequestHeader,
  encodeResponse,
  FindCoordinator,
  Heartbeat,
  type MessageType,
  Metadata,
  Produce,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import type { FramedConnection, Listener, Network } from '../src/transport/transport.js'

/** One request as a script sees it. */
export interface ScriptedRequest {
  readonly api: string
  readonly version: number
  readonly body: Record<string, unknown>
  readonly clientId: string | null
  readonly connection: FramedConnection
  /** Sends a response by hand, whenever the script likes. */
  reply(response: unknown, correlationId?: number): void
}

/** Returns the response, or undefined to send none (or to have sent it by `reply`). */
export type Script = (request: ScriptedRequest) => unknown

const apis: readonly Api<MessageType, MessageType>[] = [
  ApiVersions,
  Metadata,
  FindCoordinator,
  Heartbeat,
  Produce,
  SaslHandshake,
  SaslAuthenticate,
]

export interface ScriptedBrokerOptions {
  readonly network: Network
  readonly host?: string
  readonly port?: number
  readonly node?: number
  /** Scripts by API name; ApiVersions and Metadata have one of their own. */
  readonly scripts?: Readonly<Record<string, Script>>
  /** Highest version served, by API name; -1 for an API that is not served. */
  readonly maxVersions?: Readonly<Record<string, number>>
  /** Topics that the own Metadata script tells of: partition count by name. */
  readonly topics?: Readonly<Record<string, number>>
  /** Takes frames that are no requests, such as bare SASL tokens; returns whether it did. */
  readonly onBareFrame?: (frame: Uint8Array, connection: FramedConnection) => boolean
}

/** A broker that says what a test tells it to, over any network. */
export class ScriptedBroker {
  readonly host: string
  readonly port: number
  readonly node: number
  readonly requests: ScriptedRequest[] = []
  readonly connections = new Set<FramedConnection>()
  readonly scripts: Record<string, Script>
  accepted = 0
  readonly #closings: Promise<void>[] = []
  readonly #listener: Listener
  readonly #onBareFrame: ScriptedBrokerOptions['onBareFrame']

  private constructor(options: ScriptedBrokerOptions, listener: Listener) {
    this.host = options.host ?? '127.0.0.1'
    this.port = listener.port
    this.node = options.node ?? 1
    this.#listener = listener
    this.#onBareFrame = options.onBareFrame
    this.scripts = {
      ApiVersions: () => ({ errorCode: 0, apiKeys: rangesOf(options.maxVersions ?? {}) }),
      Metadata: ({ body }) => this.#metadata(body, options.topics ?? {}),
      ...options.scripts,
    }
  }

  static async start(options: ScriptedBrokerOptions): Promise<ScriptedBroker> {
    const { network, host = '127.0.0.1', port = 0 } = options
    let broker: ScriptedBroker | undefined
    const listener = await network.listen(
      { host, port, maxFrameBytes: 100_000_000 },
      (connection) => (broker as ScriptedBroker).#accept(connection),
    )
    broker = new ScriptedBroker(options, listener)
    return broker
  }

  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** Requests of one API so far. */
  of(api: string): ScriptedRequest[] {
    return this.requests.filter((request) => request.api === api)
  }

  async close(): Promise<void> {
    await this.#listener.close()
    for (const connection of this.connections) connection.destroy()
    await Promise.all(this.#closings)
  }

  #accept(connection: FramedConnection) {
    this.accepted++
    this.connections.add(connection)
    let setClosed: () => void
    this.#closings.push(
      new Promise((resolve) => {
        setClosed = resolve
      }),
    )
    return {
      onFrame: (frame: Uint8Array) => this.#onFrame(connection, frame),
      onClose: () => {
        this.connections.delete(connection)
        setClosed()
      },
    }
  }

  #onFrame(connection: FramedConnection, frame: Uint8Array): void {
    if (this.#onBareFrame?.(frame, connection)) return
    const { apiKey, apiVersion, correlationId, clientId, bodyOffset } = decodeRequestHeader(frame)
    const api = apis.find(({ key }) => key === apiKey)
    if (api === undefined) throw new Error(`no script for API key ${apiKey}`)
    const reply = (response: unknown, id = correlationId): void => {
      connection.send(encodeResponse(api, apiVersion, id, response))
    }
    const body = decodeRequestBody(api, apiVersion, frame, bodyOffset) as Record<string, unknown>
    const request = { api: api.name, version: apiVersion, body, clientId, connection, reply }
    this.requests.push(request)
    const response = this.scripts[api.name]?.(request)
    if (response !== undefined) reply(response)
  }

  #metadata(body: Record<string, unknown>, topics: Readonly<Record<string, number>>): unknown {
    const asked = body.topics as readonly { readonly name: string }[] | null
    const names = asked === null ? Object.keys(topics) : asked.map(({ name }) => name)
    return {
      brokers: [{ nodeId: this.node, host: this.host, port: this.port }],
      clusterId: 'scripted',
      controllerId: this.node,
      topics: names.map((name) => ({
        name,
        errorCode: topics[name] === undefined ? 3 : 0,
        partitions: Array.from({ length: topics[name] ?? 0 }, (_, partitionIndex) => ({
          partitionIndex,
          errorCode: 0,
          leaderId: this.node,
          leaderEpoch: 0,
          replicaNodes: [this.node],
          isrNodes: [this.node],
        })),
      })),
    }
  }
}

/** The ApiVersions entries of what a script can serve. */
export const rangesOf = (maxVersions: Readonly<Record<string, number>>) =>
  apis
    .filter(({ name }) => maxVersions[name] !== -1)
    .map(({ name, key, versions }) => ({
      apiKey: key,
      minVersion: versions.min,
      maxVersion: maxVersions[name] ?? versions.max,
    }))
