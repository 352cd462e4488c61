import type { Api, MessageType } from '@ottla/protocol'

/** An API of whatever messages. */
export type AnyApi = Api<MessageType, MessageType>
