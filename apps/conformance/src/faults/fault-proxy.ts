import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  createFrameDecoder,
  decodeRequestBody,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  readCorrelationId,
  WireError,
} from '@ottla/protocol'
import { apiByKey } from '@ottla/protocol/registry'
import { type Address, formatAddress, parseAddress } from '../client/address.js'
import type { AnyApi } from '../client/any-api.js'
import { loopOf } from '../client/recorder.js'
import { same } from '../match/compare.js'
import { rewriteAddresses } from './address-rewriter.js'
import { type Fault, type Rename, withheld } from './fault.js'
import { type Asked, Recording } from './recording.js'

const HOST = '127.0.0.1'
const MAX_FRAME_BYTES = 256 * 1024 * 1024

/**
 * Stands in front of a target and passes everything on, but decodes each answer, breaks those that
 * the fault is for, and writes it anew. Requests pass as they are. What the target answered once can
 * be played back, so that it need not be brought into the same state for each fault.
 */
export class FaultProxy {
  /** The fault at work; none lets everything pass. */
  fault: Fault | undefined
  /** Turns names in the fault into those of the execution that it is put into. */
  named: Rename = (value) => value
  /** How many answers the fault has changed since it was set. */
  injected = 0
  /** What passed since {@link record}. */
  #recording: Recording | undefined
  #playsBack = false
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

  /** Forgets the answers that were kept, and keeps those that come from now on if they are to be played back. */
  record(keeps: boolean): void {
    this.#recording = keeps ? new Recording() : undefined
    this.#playsBack = false
  }

  /**
   * From now on requests get the answers that were kept, and the target gets none; a request that was not made then ends
   * its connection.
   */
  playBack(): void {
    this.#playsBack = true
  }

  async #open(address: string): Promise<string> {
    if (this.#isClosed) throw new Error('The proxy is closed.')
    const target = parseAddress(address)
    const server = createServer((client) => {
      if (this.#playsBack) this.#answerFrom(formatAddress(target), client)
      else this.#serve(client, target)
    })
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
    const address = formatAddress(target)
    const broker = connect({ ...target, noDelay: true })
    const inFlight = new Map<number, Asked>()
    const requests = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    const answers = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    this.#follow(client, () => broker.destroy())
    this.#follow(broker, () => {
      if (this.fault?.keepsOpen === true && !client.destroyed) this.injected++
      else client.destroy()
    })
    client.on('data', (chunk: Uint8Array) => {
      const frames = framesOrNone(() => requests.push(chunk))
      if (this.fault?.applyToRequest === undefined) broker.write(chunk)
      else for (const frame of frames) broker.write(withSize(this.#changeRequest(frame)))
      for (const [id, asked] of inFlightOf(frames, address)) inFlight.set(id, asked)
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

  /** Serves a connection from the recording. */
  #answerFrom(address: string, client: Socket): void {
    const requests = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    this.#follow(client, () => undefined)
    const answer = async (frame: Uint8Array) => {
      const inFlight = inFlightOf([frame], address)
      for (const [correlationId, asked] of inFlight) {
        const kept = this.#recording?.answerTo(correlationId, asked)
        if (kept === undefined) client.destroy()
        else await this.#pass([kept], inFlight, client)
      }
    }
    let answering = Promise.resolve()
    client.on('data', (chunk: Uint8Array) => {
      for (const frame of framesOrNone(() => requests.push(chunk)))
        answering = answering.then(() => answer(frame)).catch(() => void client.destroy())
    })
  }

  #follow(socket: Socket, end: () => void): void {
    this.#sockets.add(socket)
    socket.on('error', end)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      end()
    })
  }

  /** A request as the fault makes it. */
  #changeRequest(frame: Uint8Array): Uint8Array {
    const known = requestIn(frame)
    if (known === undefined) return frame
    const { api, header } = known
    const { apiVersion: version } = header
    const given = decodeRequestBody(api, version, frame, header.bodyOffset)
    const changed = this.fault?.applyToRequest?.(given, api)
    if (changed === undefined) return frame
    this.injected++
    return encodeRequest(api, version, header, changed as object)
  }

  async #pass(
    frames: readonly Uint8Array[],
    inFlight: Map<number, Asked>,
    client: Socket,
  ): Promise<void> {
    for (const frame of frames) {
      const correlationId = readCorrelationId(frame)
      const request = inFlight.get(correlationId)
      inFlight.delete(correlationId)
      if (request !== undefined && !this.#playsBack)
        this.#recording?.keep(correlationId, request, frame)
      const passed =
        request === undefined
          ? this.#changeWhole(frame)
          : await this.#change(frame, correlationId, request)
      if (passed !== undefined && client.writable) client.write(withSize(passed))
    }
  }

  async #change(
    frame: Uint8Array,
    correlationId: number,
    { api, version }: Asked,
  ): Promise<Uint8Array | undefined> {
    const given = await this.#moved(frame, api, version)
    if (given === undefined) return this.#changeWhole(frame)
    const { fault } = this
    const encode = (answer: unknown) => encodeResponse(api, version, correlationId, answer)
    if (fault === undefined || !isFor(fault, correlationId, api, version)) return encode(given)
    const broken = fault.apply(given, api, this.named)
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

  /** An answer that cannot be looked into, or whose request could not: only faults of whole answers change it. */
  #changeWhole(frame: Uint8Array): Uint8Array | undefined {
    const { fault } = this
    if (fault?.ofWholeAnswers !== true || fault.keepsOpen === true) return frame
    this.injected++
    return fault.damage === undefined ? undefined : fault.damage(frame)
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

/** What frames ask, by their correlation ids. */
function inFlightOf(frames: readonly Uint8Array[], address: string): Map<number, Asked> {
  const inFlight = new Map<number, Asked>()
  for (const frame of frames) {
    const known = requestIn(frame)
    if (known === undefined) continue
    const { api, header } = known
    inFlight.set(header.correlationId, { address, api, version: header.apiVersion })
  }
  return inFlight
}

/** The API and header of a request; undefined for one malformed on purpose, whose answer can only be passed as it is. */
function requestIn(frame: Uint8Array) {
  try {
    const header = decodeRequestHeader(frame)
    const api: AnyApi | undefined = apiByKey(header.apiKey)
    if (api === undefined) return undefined
    const { min, max } = api.versions
    return header.apiVersion < min || header.apiVersion > max ? undefined : { api, header }
  } catch {
    return undefined
  }
}

function withSize(frame: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return Buffer.concat([size, frame])
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
  return place.loop === undefined
    ? correlationId === place.correlationId
    : loopOf(correlationId) === place.loop
}
