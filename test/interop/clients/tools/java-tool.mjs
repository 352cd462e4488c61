// Runs one of Kafka's command-line tools, and gives it its configuration.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const login = {
  PLAIN: 'plain.PlainLoginModule',
  'SCRAM-SHA-256': 'scram.ScramLoginModule',
  'SCRAM-SHA-512': 'scram.ScramLoginModule',
}

function* security({ protocol, ca, mechanism, username, password }) {
  if (protocol === undefined) return
  yield ['security.protocol', protocol]
  yield ['ssl.truststore.type', 'PEM']
  yield ['ssl.truststore.location', ca]
  if (mechanism === undefined) return
  const module = `org.apache.kafka.common.security.${login[mechanism]}`
  yield ['sasl.mechanism', mechanism]
  yield ['sasl.jaas.config', `${module} required username="${username}" password="${password}";`]
}

/** Writes a file with what the flags say of security and more settings; it is gone when the program ends. */
export function properties(flags, more = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-tool-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'client.properties')
  const lines = [...security(flags), ...Object.entries(more)]
  writeFileSync(path, lines.map(([key, value]) => `${key}=${value}\n`).join(''))
  return path
}

/** Starts a tool by the name of its class. */
export function start(flags, main, args) {
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const all = [...jvm, quiet, '-cp', flags['class-path'], `org.apache.kafka.tools.${main}`]
  return spawn('java', [...all, '--bootstrap-server', flags.bootstrap, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

/** Waits for a tool that is to end by itself, and ends as it did. */
export async function ended(child) {
  const [status, signal] = await once(child, 'exit')
  if (status !== 0) throw new Error(`the tool ended with ${status ?? signal}`)
}
