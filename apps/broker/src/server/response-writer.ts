import { type Api, Writer, writeResponse } from '@ottla/protocol'

/** Byte fields from this size on (records, in practice) go to the socket without a copy. */
const referenceBytes = 1024

/** The transport copies parts below this size at once and keeps larger ones until they are sent. */
const keptBytes = 4096

/** Encodes responses into one buffer that is used again whenever the transport has copied what it was given. */
export class ResponseWriter {
  #writer: Writer | undefined

  /**
   * Encodes header and body as parts for a scatter write.
   * @param sentAtOnce the parts go to `send` before the next call.
   */
  encode(
    api: Api,
    version: number,
    correlationId: number,
    body: unknown,
    sentAtOnce: boolean,
  ): Uint8Array[] {
    const writer = this.#writer ?? new Writer({ referenceBytes })
    this.#writer = undefined
    writer.reset()
    writeResponse(writer, api, version, correlationId, body)
    const parts = writer.parts()
    const own = parts[0]?.buffer
    const isKept = parts.some((part) => part.buffer === own && part.length >= keptBytes)
    if (sentAtOnce && !isKept) this.#writer = writer
    return parts
  }
}
