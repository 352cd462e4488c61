import type {
  DescribeClusterResponse,
  FetchResponse,
  FindCoordinatorResponse,
  MetadataResponse,
} from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'

/** Where a node of the target is reached through the proxy. */
export type Redirect = (
  host: string,
  port: number,
) => { readonly host: string; readonly port: number }

interface Addressed {
  readonly host: string
  readonly port: number
}

/** Sends clients that follow the addresses in an answer to the proxy instead. */
export function rewriteAddresses(api: AnyApi, answer: unknown, redirect: Redirect): unknown {
  const moved = <One extends Addressed>(one: One): One =>
    one.port > 0 ? { ...one, ...redirect(one.host, one.port) } : one
  switch (api.name) {
    case 'Metadata':
    case 'DescribeCluster': {
      const given = answer as MetadataResponse | DescribeClusterResponse
      return { ...given, brokers: (given.brokers as Addressed[]).map(moved) }
    }
    case 'FindCoordinator': {
      const given = answer as FindCoordinatorResponse
      return { ...moved(given), coordinators: given.coordinators.map(moved) }
    }
    case 'Fetch':
    case 'Produce': {
      const given = answer as FetchResponse
      return { ...given, nodeEndpoints: given.nodeEndpoints.map(moved) }
    }
    default:
      return answer
  }
}
