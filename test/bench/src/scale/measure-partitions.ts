import { batchOf } from '../brokers/wire.ts'
import { BrokerProcess, cpuPercentOf, pause } from './broker-process.ts'
import { Caller } from './caller.ts'
import type { Figure } from './figure.ts'

const topics = 1000
const partitionsEach = 10
const probes = 100
/** As many as the broker is allowed to keep open, and what a process has anyway. */
const openFilesLimit = 1100
/** Half a minute after its last request it is idle: V8 has tidied up by then, once. */
const settleMs = 30_000
const { batch } = batchOf(170)
const topicAt = (index: number): string => `topic-${index}`

/** Ten thousand partitions on disk: created, used, left alone, restarted, killed. */
export async function measurePartitions(node: string, folder: string): Promise<Figure[]> {
  const args = ['--data-dir', `${folder}/partitions`]
  const figures: Figure[] = []
  const note = (what: string, value: number, unit: string, limit?: number): void => {
    figures.push({ what: `10,000 partitions: ${what}`, value, unit, ...(limit && { limit }) })
  }
  let broker = await BrokerProcess.start(node, args)
  let caller = await Caller.open(broker.address)
  let began = performance.now()
  const passed = (): number => (performance.now() - began) / 1000
  const names = Array.from({ length: topics }, (_, index) => topicAt(index))
  for (let at = 0; at < topics; at += 100) {
    await caller.createTopics(names.slice(at, at + 100), partitionsEach)
  }
  await caller.produce(topicAt(topics - 1), partitionsEach - 1, batch)
  await produceToSome(caller)
  note('created, the last and 100 others take a record', passed(), 's', 2)

  began = performance.now()
  await produceToAll(caller)
  note('first record to each', passed(), 's')
  began = performance.now()
  await produceToAll(caller)
  note('second record to each', passed(), 's')
  note('open files', broker.openFiles, '', openFilesLimit)
  await pause(settleMs)
  note('idle CPU', await cpuPercentOf(broker, 20), '% of a core', 0.5)
  note('idle memory', broker.rssMegabytes, 'MB', 200)

  const again = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number> => {
    caller.close()
    began = performance.now()
    const endMs = await broker.end(signal)
    broker = await BrokerProcess.start(node, args)
    caller = await Caller.open(broker.address)
    await produceToSome(caller)
    return endMs / 1000
  }
  const stopSeconds = await again('SIGTERM')
  note('stopped, started, 100 take a record', passed(), 's', 3)
  note('of that, the stop', stopSeconds, 's')
  await pause(settleMs)
  await produceToAll(caller)
  await again('SIGKILL')
  note('killed, started, 100 take a record', passed(), 's', 5)
  await pause(settleMs)
  note('idle memory after that', broker.rssMegabytes, 'MB', 200)
  await broker.end('SIGKILL')
  return figures
}

/** One record to each of some partitions, one after the other. */
async function produceToSome(caller: Caller): Promise<void> {
  for (let probe = 0; probe < probes; probe++) {
    const topic = topicAt(Math.floor(Math.random() * topics))
    await caller.produce(topic, probe % partitionsEach, batch)
  }
}

/** One record to every partition, all in flight at once. */
async function produceToAll(caller: Caller): Promise<void> {
  const all: Promise<void>[] = []
  for (let topic = 0; topic < topics; topic++) {
    for (let partition = 0; partition < partitionsEach; partition++) {
      all.push(caller.produce(topicAt(topic), partition, batch))
    }
  }
  await Promise.all(all)
}
