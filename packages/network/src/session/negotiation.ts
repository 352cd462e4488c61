import {
  ApiVersions,
  type ApiVersionsResponse,
  BrokerError,
  ConnectionError,
  decodeResponse,
  ErrorCode,
  KafkaError,
  readCorrelationId,
  TimeoutError,
  UnsupportedVersionError,
} from '@ottla/protocol'
import { clientSoftware } from '../version.js'
import type { SessionEffect } from './call.js'
import type { Peer } from './peer.js'
import type { RequestEncoder } from './request-encoder.js'
import { VersionTable } from './version-table.js'

type Write = SessionEffect<never> & { readonly kind: 'write' }

/** What of security the client has set up, for errors. */
export interface Security {
  readonly hasTls: boolean
  readonly hasSasl: boolean
}

/** What an answer to ApiVersions leads to. */
export type NegotiationOutcome =
  | { readonly kind: 'done'; readonly versions: VersionTable }
  /** The broker lacks the version asked with: ask again. */
  | { readonly kind: 'again'; readonly write: Write }
  | { readonly kind: 'failed'; readonly error: KafkaError }

/**
 * Finds out which versions a broker speaks (KIP-35, KIP-511). Asks with the newest version of ApiVersions. A broker that
 * lacks it answers in the layout of version 0 with UNSUPPORTED_VERSION and, since Kafka 2.4, its own range of ApiVersions;
 * the question is then repeated at the top of that range, or at version 0 when there is none.
 */
export class Negotiation {
  readonly #peer: Peer
  readonly #encoder: RequestEncoder
  readonly #security: Security
  #version: number = ApiVersions.versions.max
  #correlationId = 0

  constructor(peer: Peer, encoder: RequestEncoder, security: Security) {
    this.#peer = peer
    this.#encoder = encoder
    this.#security = security
  }

  start(): Write {
    const { name, version } = clientSoftware
    const body = { clientSoftwareName: name, clientSoftwareVersion: version }
    const { correlationId, parts } = this.#encoder.encode(ApiVersions, this.#version, body)
    this.#correlationId = correlationId
    return { kind: 'write', parts }
  }

  receive(frame: Uint8Array): NegotiationOutcome {
    try {
      const id = readCorrelationId(frame)
      if (id !== this.#correlationId) {
        return failed(
          new ConnectionError(
            `${this.#peer.name} answered ApiVersions with correlation id ${id}, expected ${this.#correlationId}; it may not be a Kafka broker`,
            { code: 'OTTLA_CONNECTION_CORRELATION', node: this.#peer.node, api: ApiVersions.name },
          ),
        )
      }
      return this.#judge(this.#decode(frame))
    } catch (error) {
      return failed(KafkaError.from(error))
    }
  }

  timeoutError(timeoutMs: number): KafkaError {
    return new TimeoutError(
      `${this.#peer.name} did not answer ApiVersions within ${timeoutMs} ms; ${this.#guess()}, or it is overloaded`,
      { node: this.#peer.node, api: ApiVersions.name },
    )
  }

  disconnectError(cause: KafkaError): KafkaError {
    // Only an end on the wire is the broker's doing; our own close keeps its reason.
    if (!(cause instanceof ConnectionError)) return cause
    if (cause.code !== 'OTTLA_CONNECTION') return cause
    return new ConnectionError(
      `${this.#peer.name} closed the connection instead of answering ApiVersions; ${this.#guess()}, or a broker older than Kafka 0.10 (${cause.message})`,
      { code: 'OTTLA_CONNECTION_NEGOTIATION', node: this.#peer.node, api: ApiVersions.name, cause },
    )
  }

  /** Which option may not match the listener: all that a broker does about a wrong one is to hang up, or to wait. */
  #guess(): string {
    const { hasTls, hasSasl } = this.#security
    const reasons = [
      ...(hasTls ? [] : ['the port expects TLS (set the option tls)']),
      ...(hasSasl ? [] : ['the port expects SASL (set the option sasl)']),
      'nothing there speaks Kafka',
    ]
    return `possible reasons: ${reasons.join(', ')}`
  }

  /** The answer in the layout of the version asked with, else in that of version 0. */
  #decode(frame: Uint8Array): ApiVersionsResponse {
    try {
      return decodeResponse(ApiVersions, this.#version, frame).body
    } catch (error) {
      if (this.#version === 0) throw error
      const { body } = decodeResponse(ApiVersions, 0, frame)
      if (body.errorCode === ErrorCode.UNSUPPORTED_VERSION) return body
      throw error
    }
  }

  #judge(response: ApiVersionsResponse): NegotiationOutcome {
    const { errorCode } = response
    if (errorCode === ErrorCode.NONE) {
      return { kind: 'done', versions: new VersionTable(response, this.#peer) }
    }
    if (errorCode !== ErrorCode.UNSUPPORTED_VERSION) {
      return failed(
        new BrokerError(errorCode, {
          api: ApiVersions.name,
          version: this.#version,
          node: this.#peer.node,
        }),
      )
    }
    const offered = response.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)
    const next = offered === undefined ? 0 : Math.min(offered.maxVersion, ApiVersions.versions.max)
    if (next < 0 || next >= this.#version) {
      return failed(
        new UnsupportedVersionError(
          `${this.#peer.name} refused ApiVersions version ${this.#version} and offers no other that this client knows`,
          { node: this.#peer.node, api: ApiVersions.name },
        ),
      )
    }
    this.#version = next
    return { kind: 'again', write: this.start() }
  }
}

const failed = (error: KafkaError): NegotiationOutcome => ({ kind: 'failed', error })
