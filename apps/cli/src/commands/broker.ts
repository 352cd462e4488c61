import { readFileSync } from 'node:fs'
import {
  type BrokerOptions,
  type BrokerUser,
  type KafkaRelease,
  type ListenerOptions,
  startBroker,
} from '@ottla/broker'
import { Command, InvalidArgumentError } from 'commander'
import { logEvents, logProblems } from './broker-log.js'
import { keyValue, stopRequested, wholeNumber } from './options.js'

interface BrokerFlags {
  listen?: string[]
  advertise?: string
  tlsKey?: string
  tlsCert?: string
  tlsCa?: string
  user?: BrokerUser[]
  dataDir?: string
  nodeId: number
  release?: KafkaRelease
  config: Record<string, string>
  verbose?: true
}

/** `ottla broker`: serves until SIGINT or SIGTERM. */
export function brokerCommand(): Command {
  return new Command('broker')
    .description('run a Kafka broker')
    .option(
      '-l, --listen <[protocol://]host:port>',
      'address to serve on (default: 127.0.0.1:9092); port 0 takes a free one; repeatable',
      collect,
    )
    .option(
      '-a, --advertise <host:port>',
      'what clients are told to connect to, behind a port mapping; NAME://host:port with several listeners',
    )
    .option('--tls-key <file>', 'private key of listeners with TLS, as PEM')
    .option('--tls-cert <file>', 'their certificate, as PEM')
    .option('--tls-ca <file>', 'ask clients for a certificate that one of these has signed')
    .option('-u, --user <name:password>', 'a user of listeners with SASL; repeatable', collectUser)
    .option('-d, --data-dir <dir>', 'keep everything in this directory; without it, in memory')
    .option('--node-id <id>', 'id of this node', wholeNumber(0), 1)
    .option(
      '--release <version>',
      'show the APIs of this Kafka release, such as 3.9 (default: 4.4)',
    )
    .option(
      '-c, --config <key=value>',
      "a setting of Kafka's server.properties; repeatable",
      keyValue,
      {},
    )
    .option('-v, --verbose', 'tell of connections, topics and groups, too')
    .addHelpText(
      'after',
      `
Examples:
  ottla broker                                     in memory, on 127.0.0.1:9092
  ottla broker --listen 127.0.0.1:0                on a free port; the first line says which
  ottla broker --data-dir ./data -c num.partitions=6
  ottla broker -l 0.0.0.0:9092 -a localhost:29092  in a container whose port 9092 is 29092 outside
  ottla broker -l SASL_SSL://0.0.0.0:9093 --tls-key key.pem --tls-cert cert.pem -u alice:secret

Protocols are PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL.
The first line on standard output, once the broker serves, is: ready HOST:PORT`,
    )
    .action(runBroker)
}

async function runBroker(flags: BrokerFlags): Promise<void> {
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
  const { advertise, user, dataDir, nodeId, release, config } = flags
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
  const { listen, config, tlsKey, tlsCert, tlsCa } = flags
  if (listen === undefined) return config.listeners === undefined ? { listen: defaultListen } : {}
  const [only, ...others] = listen
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

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text]
}

function collectUser(text: string, previous: BrokerUser[] = []): BrokerUser[] {
  const at = text.indexOf(':')
  if (at < 1) throw new InvalidArgumentError('Expected name:password.')
  return [...previous, { name: text.slice(0, at), password: text.slice(at + 1) }]
}
