import type { Reader } from '../bytes/reader.js'
import { ZERO_UUID } from '../bytes/uuid.js'
import type { Writer } from '../bytes/writer.js'
import type { Codec, Plan } from './codec.js'

/** Names of the types of fixed size. */
export type ScalarKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'uuid'

/** A type whose encoding is the same in every version. */
export interface Scalar<Value> extends Codec<Value> {
  readonly kind: ScalarKind
}

// @__NO_SIDE_EFFECTS__
function scalar<Value>(
  kind: ScalarKind,
  zero: Value,
  bytes: number,
  read: (reader: Reader) => Value,
  write: (writer: Writer, value: Value) => void,
): Scalar<Value> {
  const plan: Plan<Value> = { read, write, minBytes: bytes }
  return { kind, compile: () => plan, zero: () => zero, isZero: (value) => value === zero }
}

/** true or false, one byte. */
export const bool: Scalar<boolean> = /* @__PURE__ */ scalar(
  'bool',
  false,
  1,
  (reader) => reader.boolean(),
  (writer, value) => writer.boolean(value),
)

/** -128 to 127. */
export const int8: Scalar<number> = /* @__PURE__ */ scalar(
  'int8',
  0,
  1,
  (reader) => reader.int8(),
  (writer, value) => writer.int8(value),
)

/** -32768 to 32767. */
export const int16: Scalar<number> = /* @__PURE__ */ scalar(
  'int16',
  0,
  2,
  (reader) => reader.int16(),
  (writer, value) => writer.int16(value),
)

/** 0 to 65535. */
export const uint16: Scalar<number> = /* @__PURE__ */ scalar(
  'uint16',
  0,
  2,
  (reader) => reader.uint16(),
  (writer, value) => writer.uint16(value),
)

/** -2147483648 to 2147483647. */
export const int32: Scalar<number> = /* @__PURE__ */ scalar(
  'int32',
  0,
  4,
  (reader) => reader.int32(),
  (writer, value) => writer.int32(value),
)

/** -2^63 to 2^63-1, as bigint. */
export const int64: Scalar<bigint> = /* @__PURE__ */ scalar(
  'int64',
  0n,
  8,
  (reader) => reader.int64(),
  (writer, value) => writer.int64(value),
)

/** IEEE 754 double. */
export const float64: Scalar<number> = /* @__PURE__ */ scalar(
  'float64',
  0,
  8,
  (reader) => reader.float64(),
  (writer, value) => writer.float64(value),
)

/** Sixteen bytes as dashed lower-case text; the zero uuid means "none". */
export const uuid: Scalar<string> = /* @__PURE__ */ scalar(
  'uuid',
  ZERO_UUID,
  16,
  (reader) => reader.uuid(),
  (writer, value) => writer.uuid(value),
)
