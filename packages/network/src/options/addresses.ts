/** Host and port of a broker. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `host:port`, `[ipv6]:port`, or a host alone (port 9092). Undefined when it is none of these. */
export const parseAddress = (text: string): Address | undefined => {
  // Kafka's own form of a listener is accepted; what the listener speaks is not said by its name.
  const bare = text.trim().replace(/^[A-Za-z_]+:\/\//, '')
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(bare)
  const host = match?.[1] ?? match?.[2]
  if (match === null || host === undefined) return undefined
  const port = match[3] === undefined ? 9092 : Number(match[3])
  return port >= 1 && port <= 65535 ? { host, port } : undefined
}

/** `host:port`, with brackets around IPv6. */
export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** Reads a comma-separated string or an array of addresses; undefined when one is bad or there is none. */
export const readAddresses = (input: unknown): readonly Address[] | undefined => {
  const list = typeof input === 'string' ? input.split(',').filter((part) => part.trim()) : input
  if (!Array.isArray(list) || list.length === 0) return undefined
  const addresses: Address[] = []
  for (const entry of list) {
    const address = typeof entry === 'string' ? parseAddress(entry) : undefined
    if (address === undefined) return undefined
    addresses.push(address)
  }
  return addresses
}
