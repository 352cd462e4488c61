import { Admin } from '@ottla/admin'
import { type Broker, startBroker } from '@ottla/broker'
import { Producer } from '@ottla/producer'
import { KafkaError } from '@ottla/protocol'
import fc from 'fast-check'
import {
  keyAt,
  meddled,
  readTopic,
  scenarios,
  type Terms,
  untouched,
  valueAt,
  writtenTopic,
} from '../client-scenarios.js'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { type Meddling, MutatingProxy, ways } from '../mutating-proxy.js'
import { mutation, readMutation, writeMutation } from '../mutations.js'
import { within } from '../raw-connection.js'

const batchRuns = 12
/** Stands for every answer. */
const everyAnswer = 255

const meddling = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.nat(12), weight: 10 },
      { arbitrary: fc.nat(30), weight: 2 },
      { arbitrary: fc.constant(everyAnswer), weight: 1 },
    ),
    fc.nat(ways.length - 1),
    mutation,
  )
  .map(([index, way, change]) => Buffer.concat([Buffer.of(index, way), writeMutation(change)]))

const inputs = fc
  .array(meddling, { minLength: 1, maxLength: 4 })
  .map((list) => labelled('meddle', Buffer.concat(list)))

function readScript(body: Buffer): Meddling[] {
  const script: Meddling[] = []
  for (let at = 0; at < body.length; ) {
    const index = body[at] === everyAnswer ? undefined : body[at]
    const way = ways[(body[at + 1] ?? 0) % ways.length] ?? 'change'
    const { mutation: change, size } = readMutation(body.subarray(at + 2))
    script.push({ index, way, mutation: change })
    at += 2 + size
  }
  return script
}

/** Writes what there is to read: batches of two, of several codecs. */
async function fill(bootstrapServers: string): Promise<void> {
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([readTopic, writtenTopic].map((name) => ({ name, partitions: 2 })))
  await admin.close()
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'none'] as const
  for (const [index, compression] of codecs.entries()) {
    const producer = new Producer({ bootstrapServers, compression })
    const records = [2 * index, 2 * index + 1].map((number) => ({
      topic: readTopic,
      partition: index % 2,
      key: keyAt(number),
      value: valueAt(number),
      headers: { h: 'header' },
    }))
    await producer.send(records)
    await producer.close()
  }
}

/** Ports that nobody has at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(Array.from({ length: count }, () => MutatingProxy.listen()))
  const ports = holders.map(({ port }) => port)
  await Promise.all(holders.map((holder) => holder.close()))
  return ports
}

/** A broker that is full, and where it listens: for each proxy at a port of its own that leads back to the proxy. */
interface Target {
  readonly broker: Broker
  readonly ports: readonly number[]
}

const maxPortTries = 10

/** Another process may take a port before the broker does: then others are tried. */
async function listen(proxies: readonly MutatingProxy[], tried = 1): Promise<Target> {
  const ports = await freePorts(proxies.length)
  const listeners = proxies.map(({ port }, index) => ({
    name: `P${index}`,
    protocol: 'PLAINTEXT' as const,
    port: ports[index] ?? 0,
    advertise: `127.0.0.1:${port}`,
  }))
  try {
    const broker = await startBroker({ listeners: [{ protocol: 'PLAINTEXT' }, ...listeners] })
    return { broker, ports }
  } catch (error) {
    const isTaken = error instanceof KafkaError && error.code === 'OTTLA_ADDRESS_IN_USE'
    if (!isTaken || tried === maxPortTries) throw error
    return listen(proxies, tried + 1)
  }
}

/** Every scenario once, all of them to the end, so that none reaches into what comes next. */
async function play(
  proxies: readonly MutatingProxy[],
  { ports }: Target,
  script: readonly Meddling[],
  terms: Terms,
): Promise<void> {
  const plays = Object.entries(scenarios).map(async ([name, scenario], index) => {
    const proxy = proxies[index]
    if (proxy === undefined) throw new Error(`${name} has no proxy`)
    proxy.begin(ports[index] ?? 0, script)
    await scenario(`127.0.0.1:${proxy.port}`, terms)
    await within(`the end of the connections of ${name}`, proxy.empty())
  })
  for (const outcome of await Promise.allSettled(plays)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}

/** A full broker with which everything succeeds, all the way through the proxies, as long as nobody meddles. */
async function start(proxies: readonly MutatingProxy[]): Promise<Target> {
  const target = await listen(proxies)
  await fill(target.broker.bootstrapServers)
  await play(proxies, target, [], untouched)
  return target
}

/** Producer, admin client and consumers, behind a proxy that meddles with what a broker answers. */
export const createClients = async (): Promise<Fuzzer> => {
  const proxies = await Promise.all(Object.keys(scenarios).map(() => MutatingProxy.listen()))
  let target = await start(proxies)
  let runs = 0

  const restart = async (): Promise<void> => {
    runs = 0
    await target.broker.close()
    target = await start(proxies)
  }

  return {
    inputs,
    batchRuns,
    isSlow: true,
    maxGrowthBytes: 128 * 1024 * 1024,
    async run(input) {
      if (runs >= 4 * batchRuns) await restart()
      runs += 1
      await play(proxies, target, readScript(readLabel(input).body), meddled)
    },
    reset: restart,
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()))
      await target.broker.close()
    },
  }
}
