import { readFileSync } from 'node:fs'
import { ErrorCode } from '@ottla/protocol'

/** Name of an error code. */
export type ErrorName = keyof typeof ErrorCode

/** The errors that the documentation of an API lists for its answers. */
export interface DocumentedErrors {
  /** As in the registry: `Produce`. */
  readonly api: string
  /** Comments in Kafka's schemas, the Javadoc of its response classes, or KIPs. */
  readonly sources: readonly string[]
  readonly codes: readonly ErrorName[]
}

/** Documented errors that no rule provokes, and why a client cannot. */
export interface UnprovokedErrors {
  /** Default: every API that lists one of the codes. */
  readonly apis?: readonly string[]
  readonly codes: readonly ErrorName[]
  readonly reason: string
}

/** What each API lists. */
export function documentedErrors(): readonly DocumentedErrors[] {
  const listed = readData<DocumentedErrors>('documented')
  for (const { codes } of listed) codes.forEach(checkName)
  return listed
}

/** What cannot be provoked from outside. */
export function unprovokedErrors(): readonly UnprovokedErrors[] {
  const listed = readData<UnprovokedErrors>('unprovoked')
  for (const { codes } of listed) codes.forEach(checkName)
  return listed
}

function readData<Row>(name: string): readonly Row[] {
  const file = new URL(`../../errors/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Row[]
}

function checkName(name: string): void {
  if (!Object.hasOwn(ErrorCode, name)) throw new Error(`No error is called ${name}.`)
}
