import {
  type DocumentedErrors,
  documentedErrors,
  type ErrorName,
  type UnprovokedErrors,
  unprovokedErrors,
} from './documented-errors.js'
import type { ProvokedErrors } from './provoked-errors.js'

/** One error that an API lists. */
export interface ErrorCoverage {
  readonly api: string
  readonly code: ErrorName
  /** Ids of the rules that provoke it. */
  readonly rules: readonly string[]
  /** Why a client cannot provoke it. */
  readonly reason: string | undefined
}

/** Listed errors against provoked ones. */
export interface ErrorComparison {
  readonly listed: readonly ErrorCoverage[]
  /** Listed, provoked by no rule, and no reason is known. */
  readonly missing: readonly ErrorCoverage[]
  /** Provoked although a reason says that it cannot be. */
  readonly outdated: readonly ErrorCoverage[]
  /** Provoked and not listed, as `API CODE`. */
  readonly unlisted: readonly string[]
}

/** Compares what rules provoked with what the documentation lists. */
export function compareErrors(
  provoked: ProvokedErrors,
  documented: readonly DocumentedErrors[] = documentedErrors(),
  unprovoked: readonly UnprovokedErrors[] = unprovokedErrors(),
): ErrorComparison {
  const listed = documented.flatMap(({ api, codes }) =>
    codes.map((code) => {
      const rules = provoked.get(api)?.get(code) ?? []
      return { api, code, rules, reason: reasonOf(unprovoked, api, code) }
    }),
  )
  const names = new Set(listed.map(({ api, code }) => `${api} ${code}`))
  const found = [...provoked].flatMap(([api, codes]) => [...codes.keys()].map((c) => `${api} ${c}`))
  return {
    listed,
    missing: listed.filter(({ rules, reason }) => rules.length === 0 && reason === undefined),
    outdated: listed.filter(({ rules, reason }) => rules.length > 0 && reason !== undefined),
    unlisted: found.filter((name) => !names.has(name)).sort(),
  }
}

function reasonOf(all: readonly UnprovokedErrors[], api: string, code: ErrorName) {
  return all.find(({ apis, codes }) => codes.includes(code) && (apis?.includes(api) ?? true))
    ?.reason
}
