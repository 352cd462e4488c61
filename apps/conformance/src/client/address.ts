/** Where a node listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** `HOST:PORT`, with brackets around an IPv6 host: what {@link parseAddress} takes. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Splits `HOST:PORT`; an IPv6 host is in brackets.
 * @throws Error for anything else
 */
export function parseAddress(address: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  if (match === null || host === undefined) {
    throw new Error(`An address is HOST:PORT, not '${address}'.`)
  }
  return { host, port: Number(match[3]) }
}
