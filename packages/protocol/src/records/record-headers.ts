import { bufferView } from '../bytes/buffer-view.js'
import type { RecordHeader } from './record.js'
import type { RecordSource } from './record-source.js'
import { VarintReader } from './varint-reader.js'

const noHeaders: readonly RecordHeader[] = Object.freeze([])

/**
 * Reads a record's headers, which fill `bytes[start, end)`: varint count, then per header varint length + UTF-8 name and
 * varint length (-1 null) + value. An empty range (a message of magic 0 or 1) has none.
 */
export const readHeaders = (
  source: RecordSource,
  start: number,
  end: number,
): readonly RecordHeader[] => {
  const { bytes } = source
  if (start === end || bytes[start] === 0) return noHeaders
  const reader = new VarintReader(source, start, end)
  const count = reader.varint()
  // Every header takes at least two bytes, so the count is checked before anything is allocated for it.
  if (count < 0 || count * 2 > end - reader.at) {
    throw source.fault(`${count} headers cannot lie in ${end - reader.at} bytes`, start)
  }
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) {
    const nameLength = reader.length()
    if (nameLength < 0) throw source.fault('a header name is null', reader.at)
    const name = bufferView(bytes, reader.at, reader.at + nameLength).toString('utf8')
    reader.at += nameLength
    const valueLength = reader.length()
    if (valueLength < 0) {
      headers.push([name, null])
      continue
    }
    headers.push([name, bufferView(bytes, reader.at, reader.at + valueLength)])
    reader.at += valueLength
  }
  if (reader.at !== end) {
    throw source.fault(`${end - reader.at} bytes follow the last header of a record`, reader.at)
  }
  return headers
}
