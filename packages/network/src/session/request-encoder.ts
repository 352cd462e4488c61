import { type Api, type MessageType, Writer, writeRequest } from '@ottla/protocol'

/** Byte fields from this size on travel by reference: records, in practice. */
const referenceBytes = 4 * 1024

/** Java keeps the ids above for re-authentication. */
const maxCorrelationId = 2147483639

/** Encodes the requests of one connection: correlation ids, header, body, into one reused buffer. */
export class RequestEncoder {
  readonly #clientId: string
  #writer = new Writer({ referenceBytes })
  #lastCorrelationId = -1

  constructor(clientId: string) {
    this.#clientId = clientId
  }

  /** What was encoded last stays as it is: for a step that sends more than one request before any has left. */
  keepLast(): void {
    this.#writer = new Writer({ referenceBytes })
  }

  /**
   * Encodes one request. Small parts are views of a buffer that the next call overwrites (`FramedConnection.send` copies
   * them at once); large ones are the caller's own bytes and are not copied.
   *
   * @throws WireError when the body does not fit the schema of that version.
   */
  encode(
    api: Api<MessageType, MessageType>,
    version: number,
    body: unknown,
  ): { correlationId: number; parts: Uint8Array[] } {
    const writer = this.#writer
    writer.reset()
    const correlationId =
      this.#lastCorrelationId === maxCorrelationId ? 0 : this.#lastCorrelationId + 1
    writeRequest(writer, api, version, { correlationId, clientId: this.#clientId }, body)
    this.#lastCorrelationId = correlationId
    const parts = writer.parts()
    // A large part of our own goes out by reference as well, so its buffer is given away.
    const own = parts[0]?.buffer
    if (parts.some((part) => part.buffer === own && part.length >= referenceBytes)) {
      this.#writer = new Writer({ referenceBytes })
    }
    return { correlationId, parts }
  }
}
