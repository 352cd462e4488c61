import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startApacheKafka } from './apache-kafka.js'
import { type TargetProfile, targetProfiles } from './profiles.js'
import { certificateFile } from './security.js'
import type { TargetListener } from './target.js'

const HELP = `Runs Apache Kafka on free ports of the loopback interface until SIGINT or SIGTERM.

  pnpm --filter @ottla-test/apache-kafka start [--version 4.4.0] [--nodes 1] [--profile NAME]… [--config KEY=VALUE]…

Profiles: ${targetProfiles.join(', ')}
`

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    nodes: { type: 'string' },
    profile: { type: 'string', multiple: true, default: [] },
    config: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else await serve()

async function serve(): Promise<void> {
  const { version, nodes, profile } = values
  const kafka = await startApacheKafka({
    ...(version === undefined ? {} : { version }),
    ...(nodes === undefined ? {} : { nodes: Number(nodes) }),
    // Names that are none are refused by name.
    profile: profile as TargetProfile[],
    configs: Object.fromEntries(values.config.map(keyValue)),
    jvmArgs: ['-Xmx2g'],
  })
  const stop = () => void kafka.remove().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  console.log(`ready ${kafka.bootstrapServers}`)
  console.log(`Apache Kafka ${kafka.version} provides ${kafka.provides.join(', ')}`)
  for (const listener of Object.values(kafka.listeners)) console.log(lineOf(listener))
  for (const { username, password, isSuper } of kafka.users) {
    console.log(`user ${username}, password ${password}${isSuper ? ', ACLs do not hold' : ''}`)
  }
  if (kafka.certificates !== undefined) {
    console.log(`certificate authority ${fileURLToPath(certificateFile('ca'))}`)
    console.log(`client certificate ${fileURLToPath(certificateFile('client'))}`)
    console.log(`client key ${fileURLToPath(certificateFile('client-key'))}`)
  }
  for (const { id, dataDir, logFile } of kafka.nodes) {
    console.log(`node ${id}: data ${dataDir}, log ${logFile}`)
  }
}

function keyValue(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new Error(`--config takes KEY=VALUE, not ${pair}.`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

function lineOf(listener: TargetListener): string {
  const { name, protocol, bootstrapServers, mechanisms, needsCertificate, maxReauthMs } = listener
  const notes = [
    ...(name === protocol ? [] : [protocol]),
    ...mechanisms,
    ...(needsCertificate ? ['a client certificate is needed'] : []),
    ...(maxReauthMs > 0 ? [`sessions of ${maxReauthMs} ms`] : []),
  ]
  return `${name} ${bootstrapServers}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}
