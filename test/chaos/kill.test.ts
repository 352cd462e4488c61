import { setTimeout as delay } from 'node:timers/promises'
import { Admin } from '@ottla/admin'
import type { Random } from '@ottla/network'
import { seededRandom } from '@ottla/network/simulation'
import { startOttlaBroker } from '@ottla-test/apache-kafka'
import { describe, expect, it } from 'vitest'
import { auditLog } from './src/log-audit.js'
import { NumberedWriter } from './src/numbered-writer.js'

const runs = 30
const topic = 'numbers'
const firstSeed = Number(process.env.OTTLA_SEED ?? Date.now() % 1_000_000)

/** Writes while the broker is killed once, at a random time, and started again on the same directory. */
async function liveThroughKill(
  random: Random,
): Promise<{ killedAfterMs: number; written: number }> {
  const broker = await startOttlaBroker({ configs: { 'log.segment.bytes': '1048576' } })
  try {
    const { bootstrapServers } = broker
    const admin = new Admin({ bootstrapServers })
    await admin.createTopics([{ name: topic, partitions: 4 }])
    await admin.close()
    const writer = new NumberedWriter({
      bootstrapServers,
      topic,
      name: 'writer',
      keys: 16,
      valueBytes: 50 + Math.floor(random.next() * 400),
      window: 1 + Math.floor(random.next() * 2000),
    })
    let stopped = false
    const writing = (async () => {
      while (!stopped) await writer.write()
      await writer.finish()
    })()
    const killedAfterMs = Math.floor(random.next() * 400)
    await delay(killedAfterMs)
    await broker.kill()
    await broker.restart()
    await delay(Math.floor(random.next() * 100))
    stopped = true
    await writing
    const { violations, counts } = await auditLog(bootstrapServers, topic)
    expect(violations).toEqual([])
    // Nothing was given up, so what the log holds is what was acknowledged: no more, no less.
    const acknowledged = [...writer.acknowledgedByKey()].filter(([, count]) => count > 0)
    expect(new Map([...counts].sort())).toEqual(new Map(acknowledged.sort()))
    return { killedAfterMs, written: writer.acknowledged }
  } finally {
    await broker.remove()
  }
}

describe('a broker killed while it is written to with acks=all', () => {
  it.each(Array.from({ length: runs }, (_, run) => firstSeed + run))(
    'has every acknowledged record once and in order after its restart (OTTLA_SEED=%i)',
    async (seed) => {
      const { killedAfterMs, written } = await liveThroughKill(seededRandom(seed))
      console.log(`seed ${seed}: killed after ${killedAfterMs} ms, ${written} records`)
      expect(written).toBeGreaterThan(0)
    },
  )
})
