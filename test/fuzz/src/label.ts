/**
 * An input as bytes: a line of text that says what the rest is, then the rest. Unlike a number in a list of messages, a line keeps
 * its meaning when messages are added.
 */
export function labelled(label: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${label}\n`, 'latin1'), body])
}

/** What {@link labelled} joined: the words of the line, and the rest. Without a line there are no words. */
export function readLabel(input: Uint8Array): { words: readonly string[]; body: Buffer } {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  const end = bytes.indexOf(10)
  if (end < 0) return { words: [], body: bytes }
  const words = bytes.toString('latin1', 0, end).split(' ')
  // A copy at an offset of zero, as most bytes from a socket are.
  return { words, body: Buffer.from(bytes.subarray(end + 1)) }
}
