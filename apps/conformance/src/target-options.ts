import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Need, needs } from './rules/need.js'
import { checkTarget } from './run/check-target.js'
import type { Credentials, Security, Target } from './target.js'
import { readTargetFile } from './target-file.js'

/** The options that say what is judged; those that are not given are as the file of the target says. */
export interface TargetFlags {
  target?: string
  bootstrap?: string
  name?: string
  release?: string
  security?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  username?: string
  password?: string
  mechanism: NonNullable<Credentials['mechanism']>
  ca?: string
  provides?: Need[]
}

const DEFAULT_ADDRESS = '127.0.0.1:9092'
const DEFAULT_NAME = 'broker'

/** Adds the options of {@link TargetFlags} to a command. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--bootstrap <host:port>', `the broker to judge; default: ${DEFAULT_ADDRESS}`)
    .option('--target <file>', 'describes the broker in JSON: listeners with SASL, their users …')
    .option('--name <name>', `for reports and known deviations; default: ${DEFAULT_NAME}`)
    .option('--release <release>', 'release of Apache Kafka to hold it to; default: the nearest')
    .addOption(
      new Option('--security <protocol>', 'how to get in; default: PLAINTEXT').choices([
        'PLAINTEXT',
        'SSL',
        'SASL_PLAINTEXT',
        'SASL_SSL',
      ]),
    )
    .option('--username <name>', 'for SASL')
    .addOption(new Option('--password <text>', 'for SASL').env('OTTLA_PASSWORD'))
    .addOption(
      new Option('--mechanism <name>', 'for SASL')
        .choices(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
        .default('PLAIN'),
    )
    .option('--ca <file>', 'certificates to trust, PEM')
    .option('--provides <need...>', 'what it has of what rules need; see below', addNeed)
    .addHelpText('after', `\n${describeNeeds()}`)
}

function addNeed(name: string, before: readonly Need[] = []): Need[] {
  if (Object.hasOwn(needs, name)) return [...before, name as Need]
  throw new InvalidArgumentError('There is no need of that name; --help lists them.')
}

/** What `--provides` may say, for the help of a command. */
function describeNeeds(): string {
  const names = Object.keys(needs)
  const width = Math.max(...names.map((name) => name.length))
  const lines = Object.entries(needs).map(([name, what]) => `  ${name.padEnd(width)}  ${what}`)
  return `What a broker may provide; rules that need more are skipped, each with its reason:\n${lines.join('\n')}`
}

/**
 * The target that the options describe, over what its file says.
 * @throws Error when the file is not possible, SASL lacks a user, or the target what it is said to provide
 */
export function targetOf(flags: TargetFlags): Target {
  const file = flags.target === undefined ? {} : readTargetFile(flags.target)
  const target = {
    ...file,
    address: flags.bootstrap ?? file.address ?? DEFAULT_ADDRESS,
    name: flags.name ?? file.name ?? DEFAULT_NAME,
    release: flags.release ?? file.release,
    provides: flags.provides ?? file.provides ?? [],
    security: securityOf(flags) ?? file.security,
  }
  checkTarget(target)
  return target
}

function securityOf({ security, ...flags }: TargetFlags): Security | undefined {
  if (security === undefined) {
    const stray = (['ca', 'username'] as const).filter((name) => flags[name] !== undefined)
    if (stray.length === 0) return undefined
    throw new Error(`--${stray.join(' and --')} need --security, such as SASL_SSL.`)
  }
  const ca = flags.ca === undefined ? {} : { ca: readFileSync(flags.ca, 'utf8') }
  const tls = security.endsWith('SSL') ? ca : undefined
  if (!security.startsWith('SASL')) return { tls }
  const { username, password, mechanism } = flags
  if (username === undefined || password === undefined) {
    throw new Error(
      `--security ${security} needs --username, and --password or OTTLA_PASSWORD in the environment.`,
    )
  }
  return { tls, credentials: { username, password, mechanism } }
}

/** A whole number of an option. @throws InvalidArgumentError for anything else */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a whole number.')
}

/** A whole number above 0. @throws InvalidArgumentError for anything else */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text)
  if (value > 0) return value
  throw new InvalidArgumentError('Expected a whole number above 0.')
}
