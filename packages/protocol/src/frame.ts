import { Reader } from './bytes/reader.js'
import { Writer } from './bytes/writer.js'
import { WireError } from './errors.js'
import { headerVersions } from './header-versions.js'
import { RequestHeader } from './messages/request-header.js'
import { ResponseHeader } from './messages/response-header.js'
import type { Api } from './schema/api.js'
import type { Infer, InferInput } from './schema/codec.js'
import type { MessageType } from './schema/message.js'

/**
 * Requests and responses with their headers. On a connection each is preceded by its size as an
 * int32; functions named `…Frame` write that prefix, the others neither write nor expect it
 * (`createFrameDecoder` takes it off).
 */

/** What the sender of a request chooses besides the body. */
export interface RequestFields {
  /** Comes back in the response; one connection's requests count up. */
  readonly correlationId: number
  /** Name of the application in the broker's logs, metrics and quotas. */
  readonly clientId: string | null
}

/** A request's header and where its body starts. */
export interface DecodedRequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** Null when the client sent none; Kafka then counts it as ''. */
  readonly clientId: string | null
  readonly bodyOffset: number
}

/** A response's correlation id and body. */
export interface DecodedResponse<Body> {
  readonly correlationId: number
  readonly body: Body
}

/**
 * Appends a request (header and body) to a writer; `writer.parts()` then sends large byte fields
 * without a copy.
 */
export function writeRequest<Request extends MessageType>(
  writer: Writer,
  api: Api<Request>,
  version: number,
  fields: RequestFields,
  body: InferInput<Request>,
): void {
  const header = api.headerVersions(version).request
  // As the schema of RequestHeader has it, spelled out: a tenth of the time of a small request.
  writer.int16(api.key)
  writer.int16(version)
  writer.int32(fields.correlationId)
  if (header > 0) writer.string(fields.clientId)
  if (header > 1) writer.uvarint(0)
  api.request.at(version).write(writer, body)
}

/** Appends a request with its size before it. */
export function writeRequestFrame<Request extends MessageType>(
  writer: Writer,
  api: Api<Request>,
  version: number,
  fields: RequestFields,
  body: InferInput<Request>,
): void {
  writer.framed(() => writeRequest(writer, api, version, fields, body))
}

/**
 * A request as bytes of their own: header and body. A given writer is reset and lends its buffer.
 * @throws WireError when the body does not fit the schema; UnsupportedVersionError for a version
 * the API lacks.
 */
export function encodeRequest<Request extends MessageType>(
  api: Api<Request>,
  version: number,
  fields: RequestFields,
  body: InferInput<Request>,
  writer: Writer = new Writer(),
): Uint8Array {
  return bytesOf(writer, () => writeRequest(writer, api, version, fields, body))
}

/** Like {@link encodeRequest}, with the size before it: what goes on the connection. */
export function encodeRequestFrame<Request extends MessageType>(
  api: Api<Request>,
  version: number,
  fields: RequestFields,
  body: InferInput<Request>,
  writer: Writer = new Writer(),
): Uint8Array {
  return bytesOf(writer, () => writeRequestFrame(writer, api, version, fields, body))
}

/**
 * Reads a request's header from a frame without size. The key may be one that this library does not
 * know: it is read as a flexible one, which all APIs since Kafka 2.4 are. The body is read by
 * `api.request.at(apiVersion)` from `bodyOffset`.
 * @throws WireError when the bytes end early.
 */
export function decodeRequestHeader(frame: Uint8Array): DecodedRequestHeader {
  return readRequestHeader(new Reader(frame))
}

/**
 * Like {@link decodeRequestHeader}, from a reader at the start of a frame; it is left at the body, for
 * {@link readRequestBody}. A server that reads many requests makes one reader for each, not two.
 * @throws WireError when the bytes end early.
 */
export function readRequestHeader(reader: Reader): DecodedRequestHeader {
  const start = reader.offset
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  reader.offset = start
  const header = RequestHeader.at(headerVersions(apiKey, apiVersion).request).read(reader)
  const { correlationId, clientId } = header
  return { apiKey, apiVersion, correlationId, clientId, bodyOffset: reader.offset }
}

/** Reads a request's body. Bytes behind it are left alone: see {@link readRequestBody}. */
export function decodeRequestBody<Request extends MessageType>(
  api: Api<Request>,
  version: number,
  frame: Uint8Array,
  bodyOffset: number,
): Infer<Request> {
  return readRequestBody(api, version, new Reader(frame, bodyOffset))
}

/**
 * Reads a request's body from a reader that stands at it, and leaves the reader behind it. Bytes that follow are ignored, as
 * Apache Kafka's brokers do: librdkafka 2.15.1 writes three behind its Metadata 13.
 */
export function readRequestBody<Request extends MessageType>(
  api: Api<Request>,
  version: number,
  reader: Reader,
): Infer<Request> {
  return api.request.at(version).read(reader) as Infer<Request>
}

/** Appends a response (header and body) to a writer. */
export function writeResponse<Response extends MessageType>(
  writer: Writer,
  api: Api<MessageType, Response>,
  version: number,
  correlationId: number,
  body: InferInput<Response>,
): void {
  ResponseHeader.at(api.headerVersions(version).response).write(writer, { correlationId })
  api.response.at(version).write(writer, body)
}

/** Appends a response with its size before it. */
export function writeResponseFrame<Response extends MessageType>(
  writer: Writer,
  api: Api<MessageType, Response>,
  version: number,
  correlationId: number,
  body: InferInput<Response>,
): void {
  writer.framed(() => writeResponse(writer, api, version, correlationId, body))
}

/**
 * A response as bytes of their own: header and body. A given writer is reset and lends its buffer.
 */
export function encodeResponse<Response extends MessageType>(
  api: Api<MessageType, Response>,
  version: number,
  correlationId: number,
  body: InferInput<Response>,
  writer: Writer = new Writer(),
): Uint8Array {
  return bytesOf(writer, () => writeResponse(writer, api, version, correlationId, body))
}

/** Like {@link encodeResponse}, with the size before it: what goes on the connection. */
export function encodeResponseFrame<Response extends MessageType>(
  api: Api<MessageType, Response>,
  version: number,
  correlationId: number,
  body: InferInput<Response>,
  writer: Writer = new Writer(),
): Uint8Array {
  return bytesOf(writer, () => writeResponseFrame(writer, api, version, correlationId, body))
}

/** What `write` appends, as bytes of their own. */
const bytesOf = (writer: Writer, write: () => void): Uint8Array => {
  writer.reset()
  write()
  return writer.finish()
}

/** The correlation id of a response frame: its first four bytes in every version. */
export function readCorrelationId(frame: Uint8Array): number {
  return new Reader(frame).int32()
}

/**
 * Reads a response frame without size. The caller knows API and version from the request with that
 * correlation id. Byte fields are views of the frame.
 * @throws WireError when the bytes do not follow the schema or some are left over.
 */
export function decodeResponse<Response extends MessageType>(
  api: Api<MessageType, Response>,
  version: number,
  frame: Uint8Array,
): DecodedResponse<Infer<Response>> {
  const reader = new Reader(frame)
  const correlationId = readResponseHeader(reader, api.headerVersions(version).response)
  const body = api.response.at(version).read(reader)
  refuseRest(reader, api.response.name, version)
  return { correlationId, body: body as Infer<Response> }
}

/** The usual header, four bytes and no tagged field, needs no object; the schema reads any other. */
function readResponseHeader(reader: Reader, header: number): number {
  const { input } = reader
  if (input.length > 4 && (header === 0 || input[4] === 0)) {
    const correlationId = reader.int32()
    reader.offset += header
    return correlationId
  }
  return ResponseHeader.at(header).read(reader).correlationId
}

function refuseRest(reader: Reader, messageName: string, version: number): void {
  if (reader.remaining === 0) return
  const message = `${reader.remaining} bytes after the message`
  throw new WireError({ message, messageName, version, path: '/', offset: reader.offset })
}
