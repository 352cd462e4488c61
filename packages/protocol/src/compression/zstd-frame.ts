import { badBlock } from './faults.js'

const frameMagic = 0xfd2fb528
/** The sixteen numbers from here on begin a skippable frame. */
const skippableMagic = 0x184d2a50
/** The most bytes a block holds when decompressed (RFC 8878, 3.1.1.2.4). */
const largestBlock = 128 * 1024

/** One frame of a zstd block, found by its block headers, nothing decompressed. */
export interface ZstdFrame {
  readonly start: number
  readonly end: number
  /** A bound of the content's size: the size itself where the writer knew it. */
  readonly mostBytes: number
}

const fault = (what: string) => badBlock('zstd', what)

const at = (bytes: Buffer, index: number): number => {
  const byte = bytes[index]
  if (byte === undefined) throw fault(`it ends at byte ${bytes.length} inside a frame`)
  return byte
}

const uint = (bytes: Buffer, index: number, size: number): number => {
  let value = 0
  for (let k = size - 1; k >= 0; k--) value = value * 256 + at(bytes, index + k)
  return value
}

/** Walks the frames of a zstd block, skippable ones left out. Throws WireError when they do not fill it exactly. */
export function* zstdFrames(bytes: Buffer): Generator<ZstdFrame, void, undefined> {
  let start = 0
  while (start < bytes.length) {
    const magic = uint(bytes, start, 4)
    if (magic === frameMagic) {
      const frame = readFrame(bytes, start)
      yield frame
      start = frame.end
    } else if (magic >= skippableMagic && magic < skippableMagic + 16) {
      start += 8 + uint(bytes, start + 4, 4)
      if (start > bytes.length) throw fault('a skippable frame is cut short')
    } else throw fault(`no frame begins at byte ${start}`)
  }
}

const readFrame = (bytes: Buffer, start: number): ZstdFrame => {
  const descriptor = at(bytes, start + 4)
  const singleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0x03] as number
  const sizeCode = descriptor >>> 6
  const sizeBytes = sizeCode === 0 ? (singleSegment ? 1 : 0) : 2 ** sizeCode
  let next = start + 5 + (singleSegment ? 0 : 1) + dictionaryBytes
  let contentSize: number | undefined
  if (sizeBytes > 0) contentSize = uint(bytes, next, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  next += sizeBytes
  let most = 0
  for (let last = false; !last; ) {
    const header = uint(bytes, next, 3)
    const size = header >>> 3
    const type = (header >>> 1) & 0x03
    if (type === 3) throw fault(`the block at byte ${next} is of the reserved type`)
    last = (header & 1) === 1
    // A block of type 1 repeats one byte; only compressed ones say nothing of their output.
    next += 3 + (type === 1 ? 1 : size)
    most += type === 2 ? largestBlock : size
  }
  if (descriptor & 0x04) next += 4
  if (next > bytes.length) throw fault('a frame is cut short')
  return { start, end: next, mostBytes: contentSize ?? most }
}
