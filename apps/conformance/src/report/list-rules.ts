import type { Rule } from '../rules/rule.js'

/** The rules for programs, as `--list --report json` prints them. */
export function listRulesAsJson(rules: readonly Rule[]): string {
  const list = rules.map(({ id, says, source, topic, apis, versions, releases, needs, alone }) => {
    const names = apis.map(({ name }) => name)
    return { id, says, source, topic, apis: names, versions, releases, needs, alone }
  })
  return `${JSON.stringify(list, undefined, 2)}\n`
}

/** The rules as `--list` prints them: id, what it says, source, and what it needs. */
export function listRules(rules: readonly Rule[]): string {
  const lines = rules.map(({ id, says, source, needs = [], releases }) => {
    const { from, until } = releases ?? {}
    const limits = [
      ...(from === undefined ? [] : [`from ${from}`]),
      ...(until === undefined ? [] : [`until ${until}`]),
      ...(needs.length === 0 ? [] : [`needs ${needs.join(', ')}`]),
    ]
    const limit = limits.length === 0 ? '' : ` [${limits.join('; ')}]`
    return `${id}\n  ${says}${limit}\n  ${source}\n`
  })
  return `${lines.join('')}${rules.length} rules\n`
}
