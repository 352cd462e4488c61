import { connect } from 'node:net'
import {
  type Api,
  createFrameDecoder,
  decodeResponse,
  encodeRequestFrame,
  type Infer,
  type InferInput,
  type MessageType,
} from '@ottla/protocol'

const MAX_RESPONSE_BYTES = 1 << 20

/**
 * Sends one request on a connection of its own and returns the answer. For setting up tests, where our clients
 * must not be in the way.
 *
 * @param address `HOST:PORT` of a broker
 * @throws Error when there is no answer within `timeoutMs` (default 5,000), WireError when it cannot be read
 */
export async function request<Request extends MessageType, Response extends MessageType>(
  address: string,
  api: Api<Request, Response>,
  version: number,
  body: InferInput<Request>,
  timeoutMs = 5_000,
): Promise<Infer<Response>> {
  const [host = '', port] = address.split(':')
  const signal = AbortSignal.timeout(timeoutMs)
  const socket = connect({ host, port: Number(port), signal })
  const fields = { correlationId: 1, clientId: 'ottla-test' }
  const decoder = createFrameDecoder({ maxBytes: MAX_RESPONSE_BYTES })
  try {
    socket.write(encodeRequestFrame(api, version, fields, body))
    for await (const chunk of socket) {
      const [frame] = decoder.push(chunk as Buffer)
      if (frame !== undefined) return decodeResponse(api, version, frame).body
    }
    throw new Error(`${address} closed the connection without an answer to ${api.name}.`)
  } finally {
    socket.destroy()
  }
}
