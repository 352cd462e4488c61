import { InvalidArgumentError } from '../errors.js'

/** The uuid of sixteen zero bytes, which Kafka reads as "no id". */
export const ZERO_UUID = '00000000-0000-0000-0000-000000000000'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const DIGITS = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16)
  DIGITS[text.charCodeAt(0)] = digit
  DIGITS[text.toUpperCase().charCodeAt(0)] = digit
}

/** Where the two hexadecimal digits of each of the sixteen bytes stand in the dashed form. */
const POSITIONS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** The last uuids read, each in the place that its last byte says: one connection speaks of the same few topics for hours. */
const places = 256
const lastBytes = new Uint8Array(places * 16)
const lastTexts: string[] = Array.from({ length: places }, () => ZERO_UUID)

/** Dashed lower-case text (36 characters) of the sixteen bytes at `offset`. */
export function readUuid(bytes: Uint8Array, offset: number): string {
  const place = bytes[offset + 15] as number
  const start = place * 16
  let same = 0
  while (same < 16 && bytes[offset + same] === lastBytes[start + same]) same++
  if (same < 16) {
    lastTexts[place] = formatUuid(bytes, offset)
    for (let index = 0; index < 16; index++) {
      lastBytes[start + index] = bytes[offset + index] as number
    }
  }
  return lastTexts[place] as string
}

function formatUuid(bytes: Uint8Array, offset: number): string {
  const hex = (index: number): string => HEX[bytes[offset + index] as number] as string
  const head = hex(0) + hex(1) + hex(2) + hex(3)
  const middle = `${hex(4)}${hex(5)}-${hex(6)}${hex(7)}-${hex(8)}${hex(9)}`
  return `${head}-${middle}-${hex(10)}${hex(11)}${hex(12)}${hex(13)}${hex(14)}${hex(15)}`
}

/**
 * Writes the sixteen bytes of a dashed uuid at `offset` and returns whether `text` was one; the
 * case of the digits does not matter.
 */
export function writeUuid(bytes: Uint8Array, offset: number, text: string): boolean {
  let valid = text.length === 36 && hasDashes(text)
  for (let index = 0; valid && index < 16; index++) {
    const at = POSITIONS[index] as number
    const high = DIGITS[text.charCodeAt(at)] ?? -1
    const low = DIGITS[text.charCodeAt(at + 1)] ?? -1
    valid = high >= 0 && low >= 0
    bytes[offset + index] = (high << 4) | low
  }
  return valid
}

function hasDashes(text: string): boolean {
  return text[8] === '-' && text[13] === '-' && text[18] === '-' && text[23] === '-'
}

/**
 * Kafka's own text form of a uuid: base64url without padding, 22 characters, as its tools print
 * topic ids.
 * @throws InvalidArgumentError when `uuid` is not a dashed uuid.
 */
export function uuidToBase64(uuid: string): string {
  const bytes = Buffer.alloc(16)
  if (!writeUuid(bytes, 0, uuid)) {
    throw new InvalidArgumentError(`expected a dashed uuid, got ${JSON.stringify(uuid)}`)
  }
  return bytes.toString('base64url')
}

/**
 * Dashed form of a uuid that Kafka's tools printed (22 characters, base64url).
 * @throws InvalidArgumentError when the text does not hold sixteen bytes.
 */
export function uuidFromBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 16 || bytes.toString('base64url') !== text) {
    throw new InvalidArgumentError(
      `expected a uuid of 22 base64url characters, got ${JSON.stringify(text)}`,
    )
  }
  return readUuid(bytes, 0)
}
