import type { Reader } from '../bytes/reader.js'
import type { Writer } from '../bytes/writer.js'

/** What a codec compiles for: one version, in the flexible (compact) encoding or not. */
export interface Context {
  readonly version: number
  readonly flexible: boolean
  /** The value stands alone in a tagged field, where Kafka marks a null struct in another way. */
  readonly tagged?: boolean
}

/** A codec compiled for one version: plain functions, no schema left to look at. */
export interface Plan<Value = unknown, Input = Value> {
  /** Reads one value; throws a `WireError`. */
  read(reader: Reader): Value
  /** Writes one value after checking its type and range; throws a `WireError`. */
  write(writer: Writer, value: Input): void
  /** Fewest bytes that a value takes on the wire. */
  readonly minBytes: number
}

/**
 * One Kafka type. Codecs are inert descriptions that tools may walk (`kind`, and `element`, `codec`
 * or `shape` of those that have parts); {@link Codec.compile} turns one into functions for a
 * version.
 */
export interface Codec<Value = unknown, Input = Value> {
  /** Kafka's name of the type, or `array`, `struct`, `nullable`, `notCompact`. */
  readonly kind: string
  /** Exists for the type checker only. */
  readonly '~types'?: { readonly value: Value; readonly input: Input }
  compile(context: Context): Plan<Value, Input>
  /**
   * Kafka's default of the type, fresh where it is an object: 0, false, '', no bytes, zero uuid,
   * empty array, struct of defaults.
   */
  zero(): Value
  /** Whether a value equals {@link Codec.zero}. */
  isZero(value: Input): boolean
}

/** The value that a codec, struct or message decodes to: all fields present, mutable. */
export type Infer<C extends { readonly '~types'?: { readonly value: unknown } }> = NonNullable<
  C['~types']
>['value']

/**
 * What a codec, struct or message accepts for encoding: fields with a default may be left out,
 * arrays may be readonly.
 */
export type InferInput<C extends { readonly '~types'?: { readonly input: unknown } }> = NonNullable<
  C['~types']
>['input']
