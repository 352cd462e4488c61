import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Need, needs } from './rules/need.js'
import type { Credentials, Target } from './target.js'

/** The options that say what is judged. */
export interface TargetFlags {
  bootstrap: string
  name: string
  release?: string
  security: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  username?: string
  password?: string
  mechanism: NonNullable<Credentials['mechanism']>
  ca?: string
  provides?: Need[]
}

/** Adds the options of {@link TargetFlags} to a command. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--bootstrap <host:port>', 'the broker to judge', '127.0.0.1:9092')
    .option('--name <name>', 'its name, for reports and known deviations', 'broker')
    .option('--release <release>', 'release of Apache Kafka to hold it to; default: the nearest')
    .addOption(
      new Option('--security <protocol>', 'how to get in')
        .choices(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'])
        .default('PLAINTEXT'),
    )
    .option('--username <name>', 'for SASL')
    .addOption(new Option('--password <text>', 'for SASL').env('OTTLA_PASSWORD'))
    .addOption(
      new Option('--mechanism <name>', 'for SASL')
        .choices(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
        .default('PLAIN'),
    )
    .option('--ca <file>', 'certificates to trust, PEM')
    .addOption(
      new Option('--provides <need...>', 'what the target has of what rules need').choices(
        Object.keys(needs),
      ),
    )
}

/**
 * The target that the options describe.
 * @throws Error when SASL lacks a user
 */
export function targetOf(flags: TargetFlags): Target {
  const { bootstrap: address, name, release, security, username, password, mechanism } = flags
  const ca = flags.ca === undefined ? {} : { ca: readFileSync(flags.ca, 'utf8') }
  const tls = security.endsWith('SSL') ? ca : undefined
  const provides = flags.provides ?? []
  if (!security.startsWith('SASL')) return { name, address, release, provides, security: { tls } }
  if (username === undefined || password === undefined) {
    throw new Error(`--security ${security} needs --username and --password.`)
  }
  const credentials = { username, password, mechanism }
  return { name, address, release, provides, security: { tls, credentials } }
}

/** A whole number of an option. @throws InvalidArgumentError for anything else */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a whole number.')
}
