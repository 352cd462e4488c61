import type { Rule } from '../rules/rule.js'

/**
 * The rules whose id is named, begins with a name, or fits a pattern with `*`.
 * @throws Error when nothing is selected by one of them
 */
export function selectRules(
  rules: readonly Rule[],
  only: readonly string[] | undefined,
): readonly Rule[] {
  if (only === undefined || only.length === 0) return rules
  const unused = only.filter((name) => !rules.some(({ id }) => fitsId(id, name)))
  if (unused.length > 0) throw new Error(`No rule is called ${unused.join(', ')}; see --list.`)
  return rules.filter(({ id }) => only.some((name) => fitsId(id, name)))
}

/** Whether an id fits a name: the whole of it, its beginning, or a pattern with `*`. */
export function fitsId(id: string, name: string): boolean {
  if (!name.includes('*')) return id.startsWith(name)
  const parts = name.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(id)
}
