import type { Reader } from '../bytes/reader.js'
import type { Writer } from '../bytes/writer.js'
import type { Codec, Context, Plan } from './codec.js'
import { presentOnRead, presentOnWrite } from './nullability.js'

/** UTF-8 text of at most 32767 bytes. */
export interface StringCodec extends NullCapable<string> {
  readonly kind: 'string'
}

/** Opaque bytes: a view of the input when read. */
export interface BytesCodec extends NullCapable<Uint8Array> {
  readonly kind: 'bytes'
}

/** Record batches or message sets as opaque bytes; `decodeRecords` reads them. Default null where nullable. */
export interface RecordsCodec extends NullCapable<Uint8Array> {
  readonly kind: 'records'
}

/** A type with a null of its own on the wire, which only {@link nullable} lets through. */
export interface NullCapable<Value, Input = Value> extends Codec<Value, Input> {
  compileNullable(context: Context): Plan<Value | null, Input | null>
}

/** Makes the plan that refuses nulls from the one that takes them. */
export function refuseNull<Value, Input>(
  plan: Plan<Value | null, Input | null>,
): Plan<Value, Input> {
  return {
    read(reader) {
      const at = reader.offset
      return presentOnRead(plan.read(reader), at)
    },
    write: (writer, value) => plan.write(writer, presentOnWrite(value)),
    minBytes: plan.minBytes,
  }
}

const classicString: Plan<string | null> = {
  read: (reader: Reader) => reader.string(),
  write: (writer: Writer, value) => writer.string(value),
  minBytes: 2,
}

const compactString: Plan<string | null> = {
  read: (reader: Reader) => reader.compactString(),
  write: (writer: Writer, value) => writer.compactString(value),
  minBytes: 1,
}

const classicBytes: Plan<Uint8Array | null> = {
  read: (reader: Reader) => reader.bytes(),
  write: (writer: Writer, value) => writer.bytes(value),
  minBytes: 4,
}

const compactBytes: Plan<Uint8Array | null> = {
  read: (reader: Reader) => reader.compactBytes(),
  write: (writer: Writer, value) => writer.compactBytes(value),
  minBytes: 1,
}

/** See {@link StringCodec}. */
export const string: StringCodec = {
  kind: 'string',
  compile: (context) => refuseNull(string.compileNullable(context)),
  compileNullable: ({ flexible }) => (flexible ? compactString : classicString),
  zero: () => '',
  isZero: (value) => value === '',
}

/** See {@link BytesCodec}. */
export const bytes: BytesCodec = {
  kind: 'bytes',
  compile: (context) => refuseNull(bytes.compileNullable(context)),
  compileNullable: ({ flexible }) => (flexible ? compactBytes : classicBytes),
  zero: () => new Uint8Array(0),
  isZero: (value) => value.length === 0,
}

/** See {@link RecordsCodec}. */
export const records: RecordsCodec = { ...bytes, kind: 'records' }
