import * as logRecords from './log-records/index.js'
import * as messages from './messages/index.js'
import type { Api } from './schema/api.js'
import type { MessageType } from './schema/message.js'

export { headerVersions } from './header-versions.js'
export type { Codec } from './schema/codec.js'
export type { Field } from './schema/field.js'
export type { Shape } from './schema/struct.js'
export { includesVersion, parseVersions } from './schema/versions.js'
export { type AnyCodec, anyCodec } from './schema/walk.js'

const types: readonly MessageType[] = exportsOf(messages, logRecords).filter(isMessageType)
const byName = new Map(types.map((type) => [type.name, type]))

/**
 * Every API in the order of keys. Importing this keeps all schemas in a bundle: it is for tools,
 * proxies and tests.
 */
export const apis: readonly Api[] = exportsOf(messages)
  .filter(isApi)
  .sort((a, b) => a.key - b.key)

const byKey = new Map(apis.map((api) => [api.key, api]))

/** Every message: requests, responses, headers, records of the logs, embedded data. */
export function messageTypes(): readonly MessageType[] {
  return types
}

/**
 * The message of a name of Kafka's, such as `FetchResponse` or `PartitionRecord`; undefined if
 * there is none.
 */
export function messageType(name: string): MessageType | undefined {
  return byName.get(name)
}

/** The API of a key; undefined if there is none. */
export function apiByKey(key: number): Api | undefined {
  return byKey.get(key)
}

function exportsOf(...modules: readonly object[]): unknown[] {
  return modules.flatMap((module) => Object.values(module))
}

function isMessageType(value: unknown): value is MessageType {
  return typeof value === 'object' && value !== null && 'at' in value && 'schema' in value
}

function isApi(value: unknown): value is Api {
  return (
    typeof value === 'object' && value !== null && 'request' in value && 'headerVersions' in value
  )
}
