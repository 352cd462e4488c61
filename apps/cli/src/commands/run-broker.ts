import { readFileSync } from 'node:fs'
import { type BrokerOptions, type ListenerOptions, startBroker } from '@ottla/broker'
import { InvalidArgumentError } from 'commander'
import type { BrokerFlags } from './broker-flags.js'
import { logEvents, logProblems } from './broker-log.js'
import { stopRequested } from './options.js'

/** Serves until SIGINT or SIGTERM. */
export async function runBroker(flags: BrokerFlags): Promise<void> {
  // Before the start: a signal that comes while starting must not be lost.
  const stop = stopRequested()
  const broker = await startBroker(brokerOptions(flags))
  logProblems(broker)
  if (flags.verbose) logEvents(broker)
  console.log(`ready ${broker.bootstrapServers}`)
  await stop
  await broker.close()
  // The process that asked us to stop may hold our standard output open; nothing else is left.
  if (process.connected) process.disconnect()
}

/** What the flags ask for, in the broker's own options. */
function brokerOptions(flags: BrokerFlags): BrokerOptions {
  const { advertise, user, dataDir, nodeId, release, config = {} } = flags
  return {
    ...listening(flags),
    nodeId,
    configs: config,
    ...(advertise === undefined ? {} : { advertise }),
    ...(user === undefined ? {} : { users: user }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(release === undefined ? {} : { release }),
  }
}

const defaultListen = '127.0.0.1:9092'

function listening(flags: BrokerFlags): Pick<BrokerOptions, 'listen' | 'listeners'> {
  const { listen, config = {}, tlsKey, tlsCert, tlsCa } = flags
  if (listen === undefined) return config.listeners === undefined ? { listen: defaultListen } : {}
  const [only, ...others] = listen
  checkTls(flags, listen)
  if (only !== undefined && others.length === 0 && tlsKey === undefined) return { listen: only }
  const pem = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : readFileSync(file, 'utf8')
  const tls =
    tlsKey === undefined && tlsCert === undefined
      ? undefined
      : {
          key: pem(tlsKey),
          cert: pem(tlsCert),
          ca: pem(tlsCa),
          requestCert: tlsCa !== undefined,
        }
  return { listeners: listen.map((each) => ({ ...parseListener(each), tls })) }
}

/** Key and certificate come from two flags, or from the configs `ssl.*`. */
function checkTls({ tlsKey, tlsCert, config = {} }: BrokerFlags, listen: readonly string[]): void {
  const isConfigured = Object.keys(config).some((name) => name.includes('ssl.keystore.'))
  if (isConfigured || (tlsKey !== undefined && tlsCert !== undefined)) return
  const secured = listen.find((each) => /^(?:SASL_)?SSL:/i.test(each))
  if (secured === undefined) return
  throw new InvalidArgumentError(
    `--listen ${secured} speaks TLS and has no key and certificate: give --tls-key and --tls-cert`,
  )
}

/** Reads `[PROTOCOL://]host:port`. */
function parseListener(text: string): ListenerOptions {
  const match = /^(?:(\w+):\/\/)?(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  if (match === null) {
    throw new InvalidArgumentError(`--listen must be [PROTOCOL://]host:port, not ${text}`)
  }
  const [, protocol = 'PLAINTEXT', ipv6, host, port] = match
  return {
    protocol: protocol.toUpperCase() as ListenerOptions['protocol'],
    host: ipv6 ?? host ?? '',
    port: Number(port),
  }
}
