import { ErrorCode, errorInfo } from '@ottla/protocol'
import type { Result } from '../run/result.js'

/** By the name of the API, then of the error: ids of the rules that provoked it and compared it. */
export type ProvokedErrors = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** The errors that executions got and compared with what their rule says. Those that failed show nothing. */
export function provokedErrors(results: readonly Result[]): ProvokedErrors {
  const found = new Map<string, Map<string, string[]>>()
  for (const { rule, status, reads } of results) {
    if (status !== 'passed') continue
    for (const { exchange, path, actual } of reads) {
      if (!isErrorCode(path) || typeof actual !== 'number' || actual === ErrorCode.NONE) continue
      const ofApi = found.get(exchange.api.name) ?? new Map<string, string[]>()
      found.set(exchange.api.name, ofApi)
      const { name } = errorInfo(actual)
      const rules = ofApi.get(name) ?? []
      if (!rules.includes(rule.id)) ofApi.set(name, [...rules, rule.id])
    }
  }
  return found
}

/** `errorCode`, `acknowledgeErrorCode` and the like. */
const isErrorCode = (path: readonly (string | number)[]) => /errorCode$/i.test(String(path.at(-1)))
