import type { Codec, Context, Infer, InferInput, Plan } from './codec.js'
import type { NullCapable } from './variable.js'
import { includesVersion, parseVersions, type VersionRange } from './versions.js'

/** A value or null; null only in `versions`. */
export interface Nullable<C extends NullCapable<unknown>>
  extends Codec<Infer<C> | null, InferInput<C> | null> {
  readonly kind: 'nullable'
  readonly codec: C
  readonly versions: VersionRange
}

/**
 * Lets a string, bytes, records, array or struct be null, in all versions or in a range of them
 * (`nullable(string, '7+')`). Its default stays that of the type ('' or an empty array; null for
 * records) unless the field says `default: null`.
 */
// @__NO_SIDE_EFFECTS__
export function nullable<C extends NullCapable<unknown>>(
  codec: C,
  versions: VersionRange = '0+',
): Nullable<C> {
  type Value = Infer<C> | null
  type Input = InferInput<C> | null
  const range = parseVersions(versions)
  const child = codec as NullCapable<Infer<C>, InferInput<C>>
  return {
    kind: 'nullable',
    codec,
    versions,
    compile(context: Context): Plan<Value, Input> {
      const nulls = includesVersion(range, context.version)
      return nulls ? child.compileNullable(context) : child.compile(context)
    },
    zero: () => (codec.kind === 'records' ? null : child.zero()),
    isZero: (value) =>
      codec.kind === 'records' ? value === null : value !== null && child.isZero(value),
  }
}

/** A value written in the older, fixed-width encoding even in flexible versions. */
export interface NotCompact<C extends Codec> extends Codec<Infer<C>, InferInput<C>> {
  readonly kind: 'notCompact'
  readonly codec: C
}

/**
 * Keeps a field out of the compact encoding: only the request header's client id needs it (KIP-482
 * left it as it was).
 */
// @__NO_SIDE_EFFECTS__
export function notCompact<C extends Codec>(codec: C): NotCompact<C> {
  const child = codec as Codec<Infer<C>, InferInput<C>>
  return {
    kind: 'notCompact',
    codec,
    compile: (context) => child.compile({ ...context, flexible: false }),
    zero: () => child.zero(),
    isZero: (value) => child.isZero(value),
  }
}
