/** Prints, as JSON, what would keep this process alive after consumers in several states were closed; then ends by itself. */
import { Consumer } from '@ottla/consumer'

const [bootstrapServers = '', topic = ''] = process.argv.slice(2)
const options = { bootstrapServers, autoOffsetReset: 'earliest' } as const

const consumers = ['reading', 'waiting', 'idle', 'alone', 'unreachable'].map(
  (name) =>
    new Consumer({
      ...options,
      ...(name === 'unreachable' ? { bootstrapServers: '127.0.0.1:1' } : {}),
      ...(name === 'alone' ? {} : { groupId: name, topics: [topic] }),
    }),
)
const [reading, waiting, , alone, unreachable] = consumers as [
  Consumer,
  Consumer,
  Consumer,
  Consumer,
  Consumer,
]
alone.assign(await alone.partitionsFor(topic))
for await (const _record of reading) break
for await (const _record of alone) break
const waits = [waiting, unreachable].map(async (consumer) => {
  for await (const _record of consumer);
})
while (waiting.assignment.length === 0) await new Promise((resolve) => setImmediate(resolve))
await Promise.all(consumers.map((consumer) => consumer.close()))
await Promise.all(waits)
// A closed handle of libuv is gone at the end of the turn.
for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
const left = process.getActiveResourcesInfo().filter((name) => /Timeout|TCP|Timer/.test(name))
process.stdout.write(JSON.stringify(left))
