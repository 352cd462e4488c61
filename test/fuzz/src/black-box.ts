import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

const headBytes = 8

/**
 * The input at hand, in a file: it survives the process that tries it, however that ends, and shows whether it gets on.
 * int32 number of inputs, int32 length, then the input.
 */
export class BlackBox {
  readonly #file: number
  #count = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  /** Notes what is tried next. */
  note(input: Uint8Array): void {
    this.#count += 1
    const bytes = Buffer.allocUnsafe(headBytes + input.length)
    bytes.writeInt32BE(this.#count | 0, 0)
    bytes.writeInt32BE(input.length, 4)
    bytes.set(input, headBytes)
    writeSync(this.#file, bytes, 0, bytes.length, 0)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** What a black box holds: how many inputs were begun, and the last of them. */
export function readBlackBox(path: string): { count: number; input: Uint8Array } {
  const bytes = readFileSync(path)
  if (bytes.length < headBytes) return { count: 0, input: new Uint8Array(0) }
  const end = headBytes + bytes.readInt32BE(4)
  return { count: bytes.readInt32BE(0), input: new Uint8Array(bytes.subarray(headBytes, end)) }
}
