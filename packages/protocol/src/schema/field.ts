import type { Codec, Infer, InferInput } from './codec.js'
import { parseVersions, type VersionRange, type Versions } from './versions.js'

type Literal = string | number | bigint | boolean | null

/** What a field may say besides its versions and type. */
export interface FieldOptions<C extends Codec> {
  /**
   * Value of the field where it is left out or where the version lacks it; without it the type's
   * own default.
   */
  readonly default?: Extract<InferInput<C>, Literal>
  /**
   * Makes it a tagged field (KIP-482) with this number: left out of the bytes while it holds its
   * default.
   */
  readonly tag?: number
  /**
   * Lets a non-default value be dropped in versions that lack the field; otherwise encoding it
   * throws.
   */
  readonly ignorable?: boolean
}

/** One field of a struct, as declared and as the compiler needs it. */
export interface Field<C extends Codec = Codec, Required extends boolean = boolean> {
  readonly codec: C
  /** Whether callers must give it, in the types and at run time alike. */
  readonly required: Required
  /**
   * Versions of the message in which the field exists; `'0+'`: whenever the struct around it does.
   */
  readonly versions: VersionRange
  readonly range: Versions
  readonly tag: number | undefined
  readonly ignorable: boolean
  /** The declared default; undefined where the type's own holds. */
  readonly default: Literal | undefined
  /** The default that holds, fresh where it is an object. */
  absent(): Infer<C>
  /** Whether a value equals the default. */
  isAbsent(value: InferInput<C>): boolean
}

/**
 * A field may be left out by callers when it has a default, is tagged, or does not exist in every
 * version; it then holds its default. Only a field of all versions (`'0+'`) without a default is
 * required.
 */
export type IsRequired<V extends VersionRange, O> = V extends '0+'
  ? O extends { readonly default: Literal } | { readonly tag: number }
    ? false
    : true
  : false

/** Declares a field: `field('7+', nullable(string), { default: null })`. */
// @__NO_SIDE_EFFECTS__
export function field<
  const V extends VersionRange,
  C extends Codec,
  const O extends FieldOptions<C> = Record<never, never>,
>(versions: V, codec: C, options?: O): Field<C, IsRequired<V, O>> {
  const { tag, ignorable = false, default: given }: FieldOptions<C> = options ?? {}
  const child = codec as Codec<Infer<C>, InferInput<C>>
  const everywhere: VersionRange = '0+'
  const required = versions === everywhere && given === undefined && tag === undefined
  return {
    codec,
    required: required as IsRequired<V, O>,
    versions,
    range: parseVersions(versions),
    tag,
    ignorable,
    default: given,
    absent: () => (given === undefined ? child.zero() : (given as Infer<C>)),
    isAbsent: (value) => (given === undefined ? child.isZero(value) : value === given),
  }
}
