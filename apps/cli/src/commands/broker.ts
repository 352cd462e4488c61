import { startBroker } from '@ottla/broker'
import { Command } from 'commander'
import { keyValue, stopRequested, wholeNumber } from './options.js'

interface BrokerFlags {
  listen: string
  dataDir?: string
  nodeId: number
  config: Record<string, string>
}

/** `ottla broker`: serves until SIGINT or SIGTERM. */
export function brokerCommand(): Command {
  return new Command('broker')
    .description('run a Kafka broker')
    .option(
      '-l, --listen <host:port>',
      'address to serve on; port 0 takes a free one',
      '127.0.0.1:9092',
    )
    .option('-d, --data-dir <dir>', 'keep everything in this directory; without it, in memory')
    .option('--node-id <id>', 'id of this node', wholeNumber(0), 1)
    .option(
      '-c, --config <key=value>',
      "a setting of Kafka's server.properties; repeatable",
      keyValue,
      {},
    )
    .addHelpText(
      'after',
      `
Examples:
  ottla broker                                     in memory, on 127.0.0.1:9092
  ottla broker --listen 127.0.0.1:0                on a free port; the first line says which
  ottla broker --data-dir ./data -c num.partitions=6

The first line on standard output, once the broker serves, is: ready HOST:PORT`,
    )
    .action(runBroker)
}

async function runBroker({ listen, dataDir, nodeId, config }: BrokerFlags): Promise<void> {
  // Before the start: a signal that comes while starting must not be lost.
  const stop = stopRequested()
  const broker = await startBroker({
    listen,
    nodeId,
    configs: config,
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  console.log(`ready ${broker.bootstrapServers}`)
  await stop
  await broker.close()
  // The process that asked us to stop may hold our standard output open; nothing else is left.
  if (process.connected) process.disconnect()
}
