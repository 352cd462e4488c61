import { InvalidArgumentError } from '@ottla/protocol'

/** Where to listen, or where clients are sent to. */
export interface HostPort {
  readonly host: string
  /** 0, where listening, takes a free port. */
  readonly port: number
}

/**
 * Reads `host:port` or `[ipv6]:port`.
 * @throws InvalidArgumentError that names the option.
 */
export const parseHostPort = (text: string, option: string): HostPort => {
  const match = /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65535) {
    throw new InvalidArgumentError(
      `${option} must be host:port, such as 127.0.0.1:9092, not ${text}`,
    )
  }
  return { host: match[1] ?? match[2] ?? '', port }
}

/** The host of `host:port` or `[host]:port`; an IPv4 address that came in by IPv6 (`::ffff:10.0.0.7`) as itself. */
export const hostOf = (address: string): string =>
  address
    .slice(0, address.lastIndexOf(':'))
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=\d+\.)/i, '')

/** `host:port`, with brackets around IPv6. */
export const formatHostPort = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
