/** A record of the runs: each key counts from 0, so that loss, repetition and disorder show by themselves. */
export interface NumberedRecord {
  /** Who wrote it and which of its keys: one key is written by one producer only. */
  readonly key: string
  readonly number: number
}

/** The value of such a record: its key and number, and filler so that batches and segments fill. */
export function numberedValue({ key, number }: NumberedRecord, bytes: number): string {
  return `${key} ${number} `.padEnd(bytes, '.')
}

/** @throws Error when it is no value of ours: a byte has changed on the way. */
export function readNumberedValue(value: Uint8Array | null): NumberedRecord {
  const found = /^(\S+) (\d+) \.*$/.exec(value === null ? '' : Buffer.from(value).toString())
  if (found === null) throw new Error(`Not a value that was written: ${value}`)
  return { key: found[1] as string, number: Number(found[2]) }
}
