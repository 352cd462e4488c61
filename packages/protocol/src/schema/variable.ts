import type { Reader } from '../bytes/reader.js'
import type { Writer } from '../bytes/writer.js'
import type { Codec, Context, Plan } from './codec.js'
import { nullOnRead, nullOnWrite } from './nullability.js'

/** UTF-8 text of at most 32767 bytes. */
export interface StringCodec extends NullCapable<string> {
  readonly kind: 'string'
}

/** Opaque bytes: a view of the input when read. */
export interface BytesCodec extends NullCapable<Uint8Array> {
  readonly kind: 'bytes'
}

/**
 * Record batches or message sets as opaque bytes; `decodeRecords` reads them. Default null where
 * nullable.
 */
export interface RecordsCodec extends NullCapable<Uint8Array> {
  readonly kind: 'records'
}

/** A type with a null of its own on the wire, which only {@link nullable} lets through. */
export interface NullCapable<Value, Input = Value> extends Codec<Value, Input> {
  compileNullable(context: Context): Plan<Value | null, Input | null>
}

/** See {@link StringCodec}. */
export const string: StringCodec = {
  kind: 'string',
  compile: ({ flexible }) => stringPlan(flexible, false) as Plan<string>,
  compileNullable: ({ flexible }) => stringPlan(flexible, true),
  zero: () => '',
  isZero: (value) => value === '',
}

/** See {@link BytesCodec}. */
export const bytes: BytesCodec = {
  kind: 'bytes',
  compile: ({ flexible }) => bytesPlan(flexible, false) as Plan<Uint8Array>,
  compileNullable: ({ flexible }) => bytesPlan(flexible, true),
  zero: () => new Uint8Array(0),
  isZero: (value) => value instanceof Uint8Array && value.length === 0,
}

/** See {@link RecordsCodec}. */
export const records: RecordsCodec = { ...bytes, kind: 'records' }

function stringPlan(flexible: boolean, nullable: boolean): Plan<string | null> {
  return {
    read(reader: Reader) {
      const at = reader.offset
      const value = flexible ? reader.compactString() : reader.string()
      return value === null ? nullOnRead(nullable, at) : value
    },
    write(writer: Writer, value) {
      if (value === null) nullOnWrite(nullable)
      if (flexible) writer.compactString(value)
      else writer.string(value)
    },
    minBytes: flexible ? 1 : 2,
  }
}

function bytesPlan(flexible: boolean, nullable: boolean): Plan<Uint8Array | null> {
  return {
    read(reader: Reader) {
      const at = reader.offset
      const value = flexible ? reader.compactBytes() : reader.bytes()
      return value === null ? nullOnRead(nullable, at) : value
    },
    write(writer: Writer, value) {
      if (value === null) nullOnWrite(nullable)
      if (flexible) writer.compactBytes(value)
      else writer.bytes(value)
    },
    minBytes: flexible ? 1 : 4,
  }
}
