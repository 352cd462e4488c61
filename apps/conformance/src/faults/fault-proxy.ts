import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  createFrameDecoder,
  decodeRequestHeader,
  decodeResponse,
  encodeResponse,
  readCorrelationId,
  WireError,
} from '@ottla/protocol'
import { apiByKey } from '@ottla/protocol/registry'
import { type Address, formatAddress, parseAddress } from '../client/address.js'
import type { AnyApi } from '../client/any-api.js'
import { FIRST_POLL } from '../client/recorder.js'
import { same } from '../match/compare.js'
import { rewriteAddresses } from './address-rewriter.js'
import { type Fault, withheld } from './fault.js'

const HOST = '127.0.0.1'
const MAX_FRAME_BYTES = 256 * 1024 * 1024

/** A request whose answer has not passed yet. */
interface InFlight {
  readonly api: AnyApi
  readonly version: number
}

/**
 * Stands in front of a target and passes everything on, but decodes each answer, breaks those that
 * the fault is for, and writes it anew. Requests pass as they are.
 */
export class FaultProxy {
  /** The fault at work; none lets everything pass. */
  fault: Fault | undefined
  /** How many answers the fault has changed since it was set. */
  injected = 0
  /** Addresses of this proxy by those that they stand for. */
  readonly #addresses = new Map<string, Promise<string>>()
  readonly #servers = new Set<Server>()
  readonly #sockets = new Set<Socket>()
  #isClosed = false

  /**
   * Listens in front of an address and returns the one to use instead.
   * @throws Error when it is no address or the proxy is closed
   */
  listen(address: string): Promise<string> {
    const known = this.#addresses.get(address)
    if (known !== undefined) return known
    // Kept before it is there: another connection may name the same node meanwhile.
    const opened = this.#open(address)
    this.#addresses.set(address, opened)
    return opened
  }

  async #open(address: string): Promise<string> {
    if (this.#isClosed) throw new Error('The proxy is closed.')
    const target = parseAddress(address)
    const server = createServer((client) => this.#serve(client, target))
    server.listen(0, HOST)
    await once(server, 'listening')
    this.#servers.add(server)
    return formatAddress({ host: HOST, port: (server.address() as AddressInfo).port })
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#addresses.values())
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all([...this.#servers].map((server) => once(server.close(), 'close')))
  }

  #serve(client: Socket, target: Address): void {
    const broker = connect({ ...target, noDelay: true })
    const inFlight = new Map<number, InFlight>()
    const requests = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    const answers = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (chunk: Uint8Array) => {
      broker.write(chunk)
      noteRequests(() => requests.push(chunk), inFlight)
    })
    // One after the other: an answer may have to wait until the proxy listens for a node that it names.
    let passing = Promise.resolve()
    broker.on('data', (chunk: Uint8Array) => {
      // Bytes of the target that are no frame cannot be told apart any more: they end the connection.
      passing = passing
        .then(() => this.#pass(answers.push(chunk), inFlight, client))
        .catch(() => void client.destroy())
    })
  }

  async #pass(
    frames: readonly Uint8Array[],
    inFlight: Map<number, InFlight>,
    client: Socket,
  ): Promise<void> {
    for (const frame of frames) {
      const correlationId = readCorrelationId(frame)
      const request = inFlight.get(correlationId)
      inFlight.delete(correlationId)
      const passed =
        request === undefined ? frame : await this.#change(frame, correlationId, request)
      if (passed === undefined || !client.writable) continue
      const size = Buffer.alloc(4)
      size.writeInt32BE(passed.length)
      client.write(Buffer.concat([size, passed]))
    }
  }

  async #change(
    frame: Uint8Array,
    correlationId: number,
    { api, version }: InFlight,
  ): Promise<Uint8Array | undefined> {
    const given = await this.#moved(frame, api, version)
    if (given === undefined) return frame
    const { fault } = this
    const encode = (answer: unknown) => encodeResponse(api, version, correlationId, answer)
    if (fault === undefined || !isFor(fault, correlationId, api, version)) return encode(given)
    const broken = fault.apply(given, api, version)
    const isSame = fault.damage === undefined && same(broken, given)
    if (broken === undefined || isSame) return encode(given)
    if (broken === withheld) {
      this.injected++
      return undefined
    }
    const bytes = encodedOrNothing(() => encode(broken))
    if (bytes === undefined) return encode(given)
    this.injected++
    return fault.damage === undefined ? bytes : fault.damage(bytes)
  }

  /** The answer with addresses of this proxy; undefined when it cannot be decoded and is passed as it is. */
  async #moved(frame: Uint8Array, api: AnyApi, version: number): Promise<unknown> {
    const given = decoded(frame, api, version)
    if (given === undefined) return undefined
    const named = new Set<string>()
    rewriteAddresses(api, given, (host, port) => {
      named.add(formatAddress({ host, port }))
      return { host, port }
    })
    const moved = new Map<string, Address>()
    for (const address of named) moved.set(address, parseAddress(await this.listen(address)))
    return rewriteAddresses(api, given, (host, port) => {
      return moved.get(formatAddress({ host, port })) ?? { host, port }
    })
  }
}

/** A broken value may be one that the schema cannot carry at this version: then there is no such fault. */
function encodedOrNothing(encode: () => Uint8Array): Uint8Array | undefined {
  try {
    return encode()
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function decoded(frame: Uint8Array, api: AnyApi, version: number): unknown {
  try {
    return decodeResponse(api, version, frame).body
  } catch {
    return undefined
  }
}

function noteRequests(read: () => readonly Uint8Array[], inFlight: Map<number, InFlight>): void {
  for (const frame of framesOrNone(read)) {
    try {
      const { apiKey, apiVersion: version, correlationId } = decodeRequestHeader(frame)
      const api = apiByKey(apiKey)
      if (api === undefined || version < api.versions.min || version > api.versions.max) continue
      inFlight.set(correlationId, { api, version })
    } catch {
      // Malformed on purpose: its answer, if there is one, passes as it is.
    }
  }
}

/** Bytes that are no frames pass, too: rules send them on purpose. */
function framesOrNone(read: () => readonly Uint8Array[]): readonly Uint8Array[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof WireError) return []
    throw error
  }
}

function isFor({ place }: Fault, correlationId: number, api: AnyApi, version: number): boolean {
  if (place === undefined) return true
  if (place.api.key !== api.key || place.version !== version) return false
  return place.correlationId === undefined
    ? correlationId >= FIRST_POLL
    : correlationId === place.correlationId
}
