import { apis } from '@ottla/protocol/registry'

/** The APIs a conformance run can speak of: every key that the codec knows, by name. */
export function coveredApis(): string[] {
  return apis.map(({ name }) => name)
}
