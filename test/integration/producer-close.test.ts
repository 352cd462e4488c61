import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startBroker } from '@ottla/broker'
import { systemClock, systemPlatform } from '@ottla/network'
import { Producer } from '@ottla/producer'
import { describe, expect, it, onTestFinished } from 'vitest'

describe('a producer with nothing to do', () => {
  it('has no timer of its own left that would keep the process alive', async () => {
    const broker = await startBroker()
    const deliveryTimeoutMs = 7_777_777
    const running = new Set<object>()
    const producer = new Producer({
      bootstrapServers: broker.bootstrapServers,
      deliveryTimeoutMs,
      platform: {
        ...systemPlatform,
        clock: {
          ...systemClock,
          setTimer(delayMs, callback) {
            const timer = systemClock.setTimer(delayMs, () => {
              running.delete(timer)
              callback()
            })
            // Only a delivery can wait for so long.
            if (delayMs > deliveryTimeoutMs / 2) running.add(timer)
            const cancel = (): void => {
              running.delete(timer)
              timer.cancel()
            }
            return { cancel }
          },
        },
      },
    })
    onTestFinished(async () => {
      await producer.close()
      await broker.close()
    })
    for (const value of ['first', 'second']) {
      const sent = producer.send({ topic: 't', value })
      await new Promise((resolve) => setImmediate(resolve))
      expect(running.size).toBe(1)
      await sent
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      expect(running.size).toBe(0)
    }
  })
})

describe('closing a producer', () => {
  it('leaves no socket and no timer', async () => {
    const broker = await startBroker()
    onTestFinished(() => broker.close())
    const script = fileURLToPath(new URL('src/producer-leaves-nothing.ts', import.meta.url))
    const args = ['--conditions=@ottla/source', '--import', 'tsx', script]
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, broker.bootstrapServers, 't'],
      { timeout: 50_000 },
    )
    expect(JSON.parse(stdout)).toEqual([])
  })

  it('is bounded when the broker is gone, and tells what was lost', async () => {
    const broker = await startBroker()
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers })
    await producer.send({ topic: 't', value: 'stored' })
    await broker.close()
    const sent = producer.send({ topic: 't', value: 'lost' })
    const outcome = expect(sent).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    producer.enqueue({ topic: 't', value: 'lost too' })
    const closing = producer.close({ timeoutMs: 100 })
    await expect(closing).rejects.toMatchObject({ code: 'OTTLA_DELIVERY' })
    await expect(closing).rejects.toThrow('1 enqueued record(s) were not delivered')
    await outcome
  })

  it('lets an abandoned drained() and flush() end', async () => {
    const producer = new Producer({ bootstrapServers: '127.0.0.1:1', bufferMemory: 2000 })
    while (producer.enqueue({ topic: 't', value: 'x'.repeat(100) }));
    const drained = producer.drained()
    const flushed = expect(producer.flush()).rejects.toMatchObject({ code: 'OTTLA_DELIVERY' })
    const waiting = producer.send({ topic: 't', value: 'x'.repeat(1500) })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    await producer.close({ timeoutMs: 50 }).catch(() => {})
    await Promise.all([drained, flushed, refused])
  })
})
