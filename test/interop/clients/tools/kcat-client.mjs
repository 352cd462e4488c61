// kcat as a client of the matrix: see ../README.md for the commands.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { inputEnded, readFlags, tell } from '../node/program.mjs'

const { command, bootstrap, topic, codec, idempotent, group, ...flags } = readFlags()
await { produce, member }[command]()

function kcat(args, settings, stdio) {
  const security = {
    'security.protocol': flags.protocol,
    'ssl.ca.location': flags.ca,
    'sasl.mechanism': flags.mechanism,
    'sasl.username': flags.username,
    'sasl.password': flags.password,
  }
  const options = Object.entries({ ...security, ...settings })
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => ['-X', `${key}=${value}`])
  return spawn('kcat', ['-b', bootstrap, ...args, ...options], { stdio })
}

async function produce() {
  const settings = {
    'compression.codec': codec,
    'enable.idempotence': idempotent,
    // Its default puts keys elsewhere than Java does.
    partitioner: 'murmur2_random',
    // Without idempotence a retry would change the order.
    ...(idempotent === 'true' ? {} : { 'max.in.flight': 1 }),
  }
  const child = kcat(['-P', '-t', topic, '-K', '\\t'], settings, 'inherit')
  const [status] = await once(child, 'exit')
  process.exitCode = status ?? 1
}

async function member() {
  const settings = { 'auto.offset.reset': 'earliest', 'heartbeat.interval.ms': 500 }
  const args = ['-G', group, topic, '-u', '-f', '%p\\t%o\\t%k\\t%s\\n']
  const child = kcat(args, settings, 'pipe')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [partition, offset, key, value] = line.split('\t')
    tell({ partition: Number(partition), offset: Number(offset), key, value })
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    const [, what, partitions] = /rebalanced .*?: (assigned|revoked): (.*)/.exec(line) ?? []
    if (what === 'assigned') {
      tell({ assigned: [...partitions.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)) })
    } else if (what === 'revoked') tell({ assigned: [] })
    else process.stderr.write(`${line}\n`)
  })
  await inputEnded()
  child.kill('SIGINT')
  await once(child, 'exit')
}
