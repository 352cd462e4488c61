import type { Outgoing } from '../client.js'

const chunkRecords = 50

/** Sends records in arrays, each awaited before the next: what a client wants that does not gather records by itself. */
export async function sendInChunks(
  records: Iterable<Outgoing>,
  send: (chunk: readonly Outgoing[]) => Promise<void>,
): Promise<void> {
  let chunk: Outgoing[] = []
  for (const record of records) {
    chunk.push(record)
    if (chunk.length < chunkRecords) continue
    await send(chunk)
    chunk = []
  }
  if (chunk.length > 0) await send(chunk)
}
