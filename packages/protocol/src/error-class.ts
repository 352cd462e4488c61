/**
 * Names a class's errors and brands them through `Symbol.for`, so that `instanceof` holds across
 * two installed copies of this package. Classes that extend these keep the ordinary `instanceof`.
 */
export const markInstances = (type: { prototype: object }, name: string): void => {
  const brand = Symbol.for(`ottla.error.${name}`)
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true })
  Object.defineProperty(type.prototype, brand, { value: true })
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this !== type) return Function.prototype[Symbol.hasInstance].call(this as object, value)
      return typeof value === 'object' && value !== null && brand in value
    },
  })
}

/** Sets the parts that are known, as read-only properties, and leaves the others off the error. */
export const assignKnown = (target: object, parts: Record<string, unknown>): void => {
  for (const [key, value] of Object.entries(parts)) {
    if (value !== undefined) {
      Object.defineProperty(target, key, { value, enumerable: true, configurable: true })
    }
  }
}
