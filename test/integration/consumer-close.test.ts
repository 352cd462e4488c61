import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as work } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deferred, numbered, startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

describe('close', () => {
  it('ends loops and runs, and what they finished is committed', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 5))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    const seen: number[] = []
    const all = deferred()
    const reading = (async () => {
      for await (const record of consumer) {
        seen.push(Number(record.value))
        if (seen.length === 5) all.resolve()
      }
    })()
    await all.promise
    await consumer.close()
    await reading
    expect(seen).toEqual(upTo(5))
    const next = kit.consumer({ groupId: 'g', topics: ['t'] })
    await kit.produce(numbered('t', 1, { from: 5 }))
    expect(valuesOf(await take(next, 1))).toEqual([5])
  })

  it('is idempotent, and the consumer then refuses work', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    const waiting = consumer[Symbol.asyncIterator]().next()
    const closing = consumer.close()
    expect(consumer.close()).toBe(closing)
    await closing
    expect(await waiting).toEqual({ done: true, value: undefined })
    await expect(consumer.commit()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    const closed = expect.objectContaining({ code: 'OTTLA_CLOSED' })
    expect(() => consumer[Symbol.asyncIterator]()).toThrow(closed)
    expect(() => consumer.records()).toThrow(closed)
    expect(() => consumer.batches()).toThrow(closed)
    expect(() => consumer.partitions()).toThrow(closed)
    await expect(consumer.run({ eachRecord: () => {} })).rejects.toEqual(closed)
  })

  it('interrupts calls that wait, saying why', async () => {
    const kit = await startKit()
    const consumer = kit.consumer({ allowAutoCreateTopics: false })
    const asked = kit.broker.waitFor.request('Metadata')
    const waiting = consumer.partitionsFor('missing')
    await asked
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'OTTLA_CLOSED' }),
      consumer.close(),
    ])
  })

  it('frees the partitions at once for others', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 2))
    for (let round = 0; round < 3; round++) {
      const member = kit.consumer({ groupId: 'g', topics: ['t'], sessionTimeoutMs: 30_000 })
      expect(await take(member, 1, { commit: false })).toHaveLength(1)
      await member.close()
    }
  })

  it('is bounded when a handler does not end, and tells it to', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 1))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    const told = deferred()
    const started = deferred()
    const never = consumer.run({
      eachRecord: (_record, { signal }) => {
        signal.addEventListener('abort', () => told.resolve())
        started.resolve()
        return new Promise(() => {})
      },
    })
    void never
    await started.promise
    await consumer.close({ timeoutMs: 200 })
    await told.promise
  })

  it('waits for a handler most of its time, and commits what it finishes', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 2))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    const started = deferred()
    const running = consumer.run({
      eachRecord: async () => {
        started.resolve()
        await work(700)
      },
    })
    await started.promise
    await consumer.close({ timeoutMs: 2800 })
    await running
    const next = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(next, 1))).toEqual([1])
  })

  it('ends at once when its signal fires, whatever a handler does', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 1))
    for (const isEarly of [false, true]) {
      const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
      const started = deferred()
      const told = deferred()
      void consumer.run({
        eachRecord: (_record, { signal }) => {
          signal.addEventListener('abort', () => told.resolve())
          started.resolve()
          return new Promise(() => {})
        },
      })
      await started.promise
      const controller = new AbortController()
      if (isEarly) controller.abort()
      const closing = consumer.close({ timeoutMs: 600_000, signal: controller.signal })
      await told.promise
      controller.abort()
      await closing
      expect(consumer.assignment).toEqual([])
    }
  })

  it('does not hang when it is awaited inside the loop, and tells why it took so long', async () => {
    const told: { readonly error: Error }[] = []
    const listen = (event: unknown): void => void told.push(event as { error: Error })
    subscribe('ottla:consumer:retry', listen)
    onTestFinished(() => void unsubscribe('ottla:consumer:retry', listen))
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 3))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    const seen: number[] = []
    for await (const record of consumer) {
      seen.push(Number(record.value))
      if (seen.length === 2) await consumer.close({ timeoutMs: 300 })
    }
    expect(seen).toEqual([0, 1])
    expect(told.map(({ error }) => error.message)).toContainEqual(
      expect.stringMatching(/record at hand of t-0 after 225 ms; .* break, then close/),
    )
  })

  it('is bounded when the broker is gone', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 3))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    await take(consumer, 2, { commit: false })
    await kit.broker.close()
    await consumer.close({ timeoutMs: 300 })
  })

  it('leaves no socket and no timer', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 3)
    await kit.produce(numbered('t', 30))
    const script = fileURLToPath(new URL('src/consumer-leaves-nothing.ts', import.meta.url))
    const args = ['--conditions=@ottla/source', '--import', 'tsx', script]
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, kit.broker.bootstrapServers, 't'],
      { timeout: 50_000 },
    )
    expect(JSON.parse(stdout)).toEqual([])
  })
})

describe('connect', () => {
  it('fails fast when no broker is there', async () => {
    const kit = await startKit()
    await kit.broker.close()
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'] })
    await expect(consumer.connect({ timeoutMs: 200 })).rejects.toMatchObject({ retriable: true })
  })

  it('is an error of the loop, too, after defaultApiTimeoutMs', async () => {
    const kit = await startKit()
    await kit.broker.close()
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'], defaultApiTimeoutMs: 200 })
    await expect(take(consumer, 1)).rejects.toMatchObject({ code: 'OTTLA_TIMEOUT' })
  })
})
