import { Command } from 'commander'
import { flightRowsMax } from '../demo/flights.js'
import { stopSignal, wholeNumber } from './options.js'

interface DemoFlags {
  rows: number
  rate?: number
  fast: boolean
  once: boolean
  listen: string
  partitions: number
}

/** Without `--rate`, the rows take about so long. */
const defaultSeconds = 20

/** `ottla demo`: real data through a real broker, with the proof that all of it arrived. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'send real flights through a broker and a rebalancing group, and prove the outcome',
    )
    .option('--rows <count>', 'flights to send', wholeNumber(1), 300_000)
    .option('--rate <records>', 'records per second (default: all rows in 20 s)', wholeNumber(1))
    .option('--fast', 'no pace: as fast as it goes', false)
    .option('--once', 'end after the proof, with exit status 0 or 1', false)
    .option('-l, --listen <host:port>', 'where the broker listens', '127.0.0.1:9092')
    .option('-p, --partitions <count>', 'partitions of the topic', wholeNumber(1), 10)
    .addHelpText(
      'after',
      `
One broker, one producer and three consumers of one group, each in a process of its own; a fourth
consumer joins after a third of the rows and one leaves after two thirds.

Examples:
  ottla demo                   watch it, then use the broker it leaves running
  ottla demo --fast --once     as fast as it goes; exit status 0 when the proof holds`,
    )
    .action(demo)
}

async function demo(flags: DemoFlags): Promise<void> {
  const { DemoStopped, runDemo } = await import('../demo/run-demo.js')
  const { formatFindings } = await import('../demo/view.js')
  const signal = stopSignal()
  const rows = Math.min(flags.rows, flightRowsMax)
  const rate = flags.fast ? null : (flags.rate ?? Math.ceil(rows / defaultSeconds))
  const { listen, partitions } = flags
  const result = await runDemo({ rows, rate, listen, partitions, signal }).catch((error) => {
    if (!(error instanceof DemoStopped)) throw error
    process.exitCode = 130
  })
  if (!result) return
  console.log(`\n${formatFindings(result.findings)}\n`)
  console.log(
    result.proven
      ? `Proven in ${result.seconds.toFixed(1)} s: what the consumers read is what the file holds.`
      : 'NOT proven: what the consumers read is not what the file holds.',
  )
  process.exitCode = result.proven ? 0 : 1
  if (!flags.once) await keepBroker(result.address, result.topic, signal)
  await result.stop()
}

/** Says how to talk to the broker, and waits for the signal to stop. */
async function keepBroker(address: string, topic: string, signal: AbortSignal): Promise<void> {
  console.log(`
The broker still serves at ${address}. From another terminal:

  npx ottla consume ${topic} -b ${address} --from-beginning --max-records 3 --format json
  kcat -b ${address} -t ${topic} -C -o beginning -c 3
  kafka-console-consumer.sh --bootstrap-server ${address} --topic ${topic} --from-beginning --max-messages 3

Ctrl-C stops it.`)
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
