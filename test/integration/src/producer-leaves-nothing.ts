/** Prints, as JSON, what would keep this process alive after producers in several states were closed; then ends by itself. */
import { Producer } from '@ottla/producer'

const [bootstrapServers = '', topic = ''] = process.argv.slice(2)

const create = (servers: string) => new Producer({ bootstrapServers: servers, lingerMs: 60_000 })
const [flushed, full, idle, unreachable] = [1, 2, 3, 4].map((number) =>
  create(number === 4 ? '127.0.0.1:1' : bootstrapServers),
) as [Producer, Producer, Producer, Producer]
const sent = flushed.send({ topic, value: 'v' })
await flushed.flush()
await sent
for (let i = 0; i < 1000; i++) full.enqueue({ topic, value: `v${i}` })
const failed = unreachable.send({ topic, value: 'v' }).catch(() => {})
await idle.connect()
await Promise.all([flushed, full, idle].map((producer) => producer.close()))
await unreachable.close({ timeoutMs: 100 })
await failed
// A closed handle of libuv is gone at the end of the turn.
for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
const left = process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|Timer/.test(name))
process.stdout.write(JSON.stringify(left))
