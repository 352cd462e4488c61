import { readFileSync } from 'node:fs'
import type { AdminOptions } from '@ottla/admin'
import { type Command, CommanderError, Option } from 'commander'

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
      new Option(
        '-b, --bootstrap-server <host:port>',
        'the cluster to talk to, comma-separated',
      ).default(
        fromEnvironment('OTTLA_BOOTSTRAP') ?? '127.0.0.1:9092',
        'OTTLA_BOOTSTRAP or 127.0.0.1:9092',
      ),
    )
    .option('--tls', 'speak TLS; so do the next three')
    .option('--tls-ca <file>', 'trust these certificates (PEM), not the well-known ones')
    .option('--tls-cert <file>', 'show this certificate (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('-u, --user <name:password>', 'log in by SASL (default: OTTLA_USER)', (text) =>
      nameAndPassword(text),
    )
    .addOption(
      new Option('--sasl-mechanism <name>', 'how to log in')
        .choices(mechanisms)
        .default('SCRAM-SHA-512'),
    )
}

/** What these flags are in the options of our clients. */
export function connectionOptions(flags: ConnectionFlags): AdminOptions {
  const { bootstrapServer, tls, tlsCa, tlsCert, tlsKey, saslMechanism: mechanism } = flags
  const user = flags.user ?? userOfEnvironment()
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

/**
 * Reads `name:password`.
 *
 * @throws CommanderError that does not show the text, as the library's own for arguments would: it may be a password.
 */
export function nameAndPassword(text: string, source = '--user'): Credentials {
  const at = text.indexOf(':')
  if (at < 1) {
    throw new CommanderError(1, 'OTTLA_INVALID_ARGUMENT', `${source} must be name:password.`)
  }
  return { name: text.slice(0, at), password: text.slice(at + 1) }
}

/** Read here and not by the library, which takes an empty variable for a value and may print what is in it. */
function userOfEnvironment(): Credentials | undefined {
  const text = fromEnvironment('OTTLA_USER')
  return text === undefined ? undefined : nameAndPassword(text, 'OTTLA_USER')
}

/** An empty variable is none: a compose file cannot leave one out. */
const fromEnvironment = (name: string): string | undefined => process.env[name] || undefined

function pem(name: 'ca' | 'cert' | 'key', file: string | undefined): Record<string, string> {
  return file === undefined ? {} : { [name]: readFileSync(file, 'utf8') }
}
