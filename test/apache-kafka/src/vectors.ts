import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KafkaSchema } from './schemas.js'

/** A golden vector: what `value` looks like on the wire in each of `versions`. The README describes the format. */
export interface Vector {
  mode: string
  versions: number[]
  /** The body, in hex. */
  bytes: string
  value: object
}

/** The content of one file of `vectors/messages`. */
export interface MessageVectors {
  message: string
  type: KafkaSchema['type']
  apiKey?: number
  vectors: Vector[]
}

/** The checked-in golden vectors of all messages, sorted by message name. */
export async function readVectors(): Promise<MessageVectors[]> {
  const folder = join(import.meta.dirname, '..', 'vectors', 'messages')
  const files = (await readdir(folder)).sort()
  return Promise.all(
    files.map(
      async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as MessageVectors,
    ),
  )
}
