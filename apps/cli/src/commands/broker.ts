import type { BrokerUser } from '@ottla/broker'
import { Command } from 'commander'
import type { BrokerFlags } from './broker-flags.js'
import { nameAndPassword } from './connection.js'
import { keyValue, wholeNumber } from './options.js'

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
    .action(async (flags: BrokerFlags) => (await import('./run-broker.js')).runBroker(flags))
}

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text]
}

function collectUser(text: string, previous: BrokerUser[] = []): BrokerUser[] {
  return [...previous, nameAndPassword(text)]
}
