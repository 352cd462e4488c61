import { badBlock } from './faults.js'
import { xxh32 } from './xxh32.js'

/** Begins an LZ4 frame, little-endian. */
export const frameMagic = 0x184d2204

/** The sixteen numbers from here on begin a skippable frame: its size follows, its content is for others. */
const skippableMagic = 0x184d2a50

/** Set in a block's size when the block is stored as it is. */
export const storedFlag = 0x8000_0000

/** What the descriptor of an LZ4 frame says. */
export interface FrameDescriptor {
  /** Where the first block begins. */
  readonly blocksAt: number
  /** The most bytes a block holds when decompressed. */
  readonly blockMaxBytes: number
  /** Blocks may refer to the 64 KB of output before them. */
  readonly linked: boolean
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  /** Size of the whole content, where the writer knew it. */
  readonly contentSize: number | undefined
}

const uint32 = (bytes: Buffer, at: number): number => {
  if (at + 4 > bytes.length) throw badBlock('lz4', `the frame ends at byte ${bytes.length}`)
  return bytes.readUInt32LE(at)
}

/** Where the frame at `at` ends if it is a skippable one; undefined if it is not. */
export const endOfSkippable = (bytes: Buffer, at: number): number | undefined => {
  if ((uint32(bytes, at) & 0xffff_fff0) >>> 0 !== skippableMagic) return undefined
  const end = at + 8 + uint32(bytes, at + 4)
  if (end > bytes.length)
    throw badBlock('lz4', `a skippable frame ends beyond the ${bytes.length} bytes`)
  return end
}

/**
 * Reads the descriptor of the frame at `at`. With `checkHeader` false its checksum byte is not compared: in messages of magic 0
 * Java put a wrong one there (KAFKA-3160).
 */
export const readDescriptor = (
  bytes: Buffer,
  at: number,
  checkHeader: boolean,
): FrameDescriptor => {
  if (uint32(bytes, at) !== frameMagic) throw badBlock('lz4', `no frame begins at byte ${at}`)
  const start = at + 4
  const flags = bytes[start] ?? 0
  const sizes = bytes[start + 1] ?? 0
  if (flags >>> 6 !== 1) throw badBlock('lz4', `frame version ${flags >>> 6} is not 1`)
  if (flags & 0x01) throw badBlock('lz4', 'the frame needs a dictionary')
  const blockCode = (sizes >>> 4) & 0x07
  if (blockCode < 4) throw badBlock('lz4', `block size code ${blockCode} does not exist`)
  const hasContentSize = (flags & 0x08) !== 0
  const end = start + 2 + (hasContentSize ? 8 : 0)
  if (end >= bytes.length) throw badBlock('lz4', 'it ends inside the frame header')
  if (checkHeader && ((xxh32(bytes, start, end) >>> 8) & 0xff) !== bytes[end]) {
    throw badBlock('lz4', 'the checksum of the frame header is wrong')
  }
  return {
    blocksAt: end + 1,
    blockMaxBytes: 2 ** (8 + 2 * blockCode),
    linked: (flags & 0x20) === 0,
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 0x04) !== 0,
    contentSize: hasContentSize ? Number(bytes.readBigUInt64LE(start + 2)) : undefined,
  }
}

/** One block of a frame. */
export interface FrameBlock {
  readonly start: number
  readonly end: number
  /** Not compressed. */
  readonly stored: boolean
  /** Where the next block, or the end mark, lies. */
  readonly nextAt: number
}

/** Reads the block at `at`, comparing its checksum if it has one; undefined at the end mark. */
export const readBlock = (
  bytes: Buffer,
  at: number,
  frame: FrameDescriptor,
): FrameBlock | undefined => {
  const word = uint32(bytes, at)
  if (word === 0) return undefined
  const start = at + 4
  const end = start + (word & 0x7fff_ffff)
  const nextAt = end + (frame.blockChecksums ? 4 : 0)
  if (nextAt > bytes.length) throw badBlock('lz4', `a block ends beyond the ${bytes.length} bytes`)
  if (frame.blockChecksums && xxh32(bytes, start, end) !== uint32(bytes, end)) {
    throw badBlock('lz4', `the checksum of the block at byte ${at} is wrong`)
  }
  return { start, end, stored: word >= storedFlag, nextAt }
}

/** Compares the checksum of the whole content, which stands behind the end mark. */
export const checkContent = (bytes: Buffer, at: number, content: Uint8Array): void => {
  if (uint32(bytes, at) !== xxh32(content))
    throw badBlock('lz4', 'the checksum of the content is wrong')
}
