import { readFileSync } from 'node:fs'
import type { AdminOptions } from '@ottla/admin'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** What every command that talks to a cluster may be told about getting in. */
export interface ConnectionFlags {
  bootstrapServer: string
  tls?: true
  tlsCa?: string
  tlsCert?: string
  tlsKey?: string
  user?: Credentials
  saslMechanism: Mechanism
}

/** A name and a password. */
export interface Credentials {
  readonly name: string
  readonly password: string
}

type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

const mechanisms: readonly Mechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Adds `--bootstrap-server`, named as in Kafka's own tools, and what secured clusters need. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-b, --bootstrap-server <host:port>', 'the cluster to talk to, comma-separated')
        .env('OTTLA_BOOTSTRAP')
        .default('127.0.0.1:9092'),
    )
    .option('--tls', 'speak TLS; so do the next three')
    .option('--tls-ca <file>', 'trust these certificates (PEM), not the well-known ones')
    .option('--tls-cert <file>', 'show this certificate (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .addOption(
      new Option('-u, --user <name:password>', 'log in by SASL')
        .env('OTTLA_USER')
        .argParser(nameAndPassword),
    )
    .addOption(
      new Option('--sasl-mechanism <name>', 'how to log in')
        .choices(mechanisms)
        .default('SCRAM-SHA-512'),
    )
}

/** What these flags are in the options of our clients. */
export function connectionOptions(flags: ConnectionFlags): AdminOptions {
  const { bootstrapServer, tls, tlsCa, tlsCert, tlsKey, user, saslMechanism: mechanism } = flags
  const files = { ...pem('ca', tlsCa), ...pem('cert', tlsCert), ...pem('key', tlsKey) }
  const isTls = tls === true || Object.keys(files).length > 0
  return {
    bootstrapServers: bootstrapServer,
    clientId: 'ottla-cli',
    ...(isTls ? { tls: files } : {}),
    ...(user === undefined
      ? {}
      : { sasl: { mechanism, username: user.name, password: user.password } }),
  }
}

/** Reads `name:password`. */
export function nameAndPassword(text: string): Credentials {
  const at = text.indexOf(':')
  if (at < 1) throw new InvalidArgumentError('Expected name:password.')
  return { name: text.slice(0, at), password: text.slice(at + 1) }
}

function pem(name: 'ca' | 'cert' | 'key', file: string | undefined): Record<string, string> {
  return file === undefined ? {} : { [name]: readFileSync(file, 'utf8') }
}
