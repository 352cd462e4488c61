import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaTarget } from '@ottla-test/apache-kafka'
import { Caller } from '../scale/caller.ts'
import { cpuSecondsOf, rssMegabytesOf } from './process-usage.ts'
import { batchOf } from './wire.ts'

const partitionsEach = 10
const topicsACall = 100
const probes = 100
/** What a broker does of its own after it was given much is not what it does when idle. */
const settleMs = 5000
const idleSeconds = 5
const retryMs = 20
/** The slowest takes a minute for ten thousand partitions. */
const mostMinutes = 5
const { batch } = batchOf(170)

/** A broker with many partitions. */
export interface ManyPartitions {
  /** Until the last partition, and a hundred others, took a record. */
  readonly createdSeconds: number
  readonly firstToEachSeconds: number
  readonly secondToEachSeconds: number
  readonly megabytes: number
  /** Percent of a core, with no client. */
  readonly idlePercent: number
  readonly openFiles: number
  /** A clean stop and start, until a hundred partitions took a record; NaN for a broker that forgets all. */
  readonly restartSeconds: number
}

/** Gives a broker so many partitions, topics of ten, and a record or more to each. @throws Error when it refuses some */
export async function measureMany(
  target: KafkaTarget,
  partitions: number,
): Promise<ManyPartitions> {
  const names = Array.from({ length: partitions / partitionsEach }, (_, index) => `many-${index}`)
  const clock = startClock()
  const { createdSeconds, firstToEachSeconds, secondToEachSeconds } = await withCaller(
    target,
    async (caller) => {
      for (let at = 0; at < names.length; at += topicsACall) {
        await caller.createTopics(names.slice(at, at + topicsACall), partitionsEach)
      }
      await produceToSome(caller, names)
      const createdSeconds = clock()
      await produceToAll(caller, names)
      const firstToEachSeconds = clock()
      await produceToAll(caller, names)
      return { createdSeconds, firstToEachSeconds, secondToEachSeconds: clock() }
    },
  )
  await delay(settleMs)
  const cpuBefore = cpuSecondsOf(target.pids)
  await delay(idleSeconds * 1000)
  const idlePercent = ((cpuSecondsOf(target.pids) - cpuBefore) / idleSeconds) * 100
  const figures = {
    createdSeconds,
    firstToEachSeconds,
    secondToEachSeconds,
    megabytes: rssMegabytesOf(target.pids),
    idlePercent,
    openFiles: target.pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0),
  }
  if (!target.provides.includes('restart')) return { ...figures, restartSeconds: Number.NaN }
  clock()
  await target.restart()
  await withCaller(target, (caller) => produceToSome(caller, names))
  return { ...figures, restartSeconds: clock() }
}

/** Closes the connection whatever comes of it: a broker that breaks it later concerns nobody. */
async function withCaller<Result>(
  { bootstrapServers }: KafkaTarget,
  use: (caller: Caller) => Promise<Result>,
): Promise<Result> {
  const caller = await Caller.open(bootstrapServers)
  try {
    return await use(caller)
  } finally {
    caller.close()
  }
}

/** Each call gives the seconds since the one before. */
function startClock(): () => number {
  let before = performance.now()
  return () => {
    const now = performance.now()
    const seconds = (now - before) / 1000
    before = now
    return seconds
  }
}

/** One record to the last partition and to a hundred others, spread evenly, each as soon as it is taken. */
async function produceToSome(caller: Caller, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + mostMinutes * 60_000
  for (let probe = probes; probe >= 0; probe--) {
    const topic = names[Math.floor(((names.length - 1) * probe) / probes)] as string
    for (;;) {
      try {
        await caller.produce(topic, partitionsEach - 1 - (probe % partitionsEach), batch)
        break
      } catch (error) {
        // A partition just created, or just loaded, has no leader for a while.
        if (performance.now() > deadline) throw error
        await delay(retryMs)
      }
    }
  }
}

/** One record to every partition, all in flight at once. */
async function produceToAll(caller: Caller, names: readonly string[]): Promise<void> {
  const numbers = Array.from({ length: partitionsEach }, (_, partition) => partition)
  await Promise.all(
    names.flatMap((topic) => numbers.map((partition) => caller.produce(topic, partition, batch))),
  )
}
