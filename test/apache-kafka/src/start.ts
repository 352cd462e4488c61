import { parseArgs } from 'node:util'
import { startApacheKafka } from './apache-kafka.js'

const HELP = `Runs Apache Kafka on free ports of the loopback interface until SIGINT or SIGTERM.

  pnpm --filter @ottla-test/apache-kafka start [--version 4.4.0] [--nodes 1] [--config KEY=VALUE]…
`

const { values } = parseArgs({
  options: {
    version: { type: 'string' },
    nodes: { type: 'string', default: '1' },
    config: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) {
  process.stdout.write(HELP)
} else {
  const { version, nodes, config } = values
  const configs = Object.fromEntries(
    config.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new Error(`--config takes KEY=VALUE, not ${pair}.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
  const kafka = await startApacheKafka({
    ...(version === undefined ? {} : { version }),
    nodes: Number(nodes),
    configs,
    jvmArgs: ['-Xmx2g'],
  })
  console.log(`ready ${kafka.bootstrapServers}`)
  for (const { id, dataDir, logFile } of kafka.nodes) {
    console.log(`node ${id}: data ${dataDir}, log ${logFile}`)
  }
  const stop = () => void kafka.remove().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
