import { usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'the-topic'
const closeMs = 20_000

/** The broker is there and answers nothing; the application wants to end. */
export const neverCloses: Pain = {
  id: '10a',
  title: 'A client cannot be closed while the broker answers nothing',
  rule: `closes within ${closeMs / 1000} s; the process then ends by itself`,
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, [{ value: 'one' }])
    let seen = 0
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      handler: async () => void seen++,
    })
    await until('a record read', () => seen > 0, 20_000)
    const fault = broker.faults.add({}, { stop: 'answering' })
    const sending = sender.send(topic, [{ value: 'two' }]).catch(() => {})
    await fault.hit()
    let open = 2
    const closed = (): void => void open--
    running.close().then(closed, closed)
    sender.close().then(closed, closed)
    await until('producer and consumer closed', () => open === 0, closeMs)
    fault.remove()
    await sending
  },
}

/** A record is too large for the broker: whoever is on call reads only the error. */
export const opaqueErrors: Pain = {
  id: '10b',
  title: 'An error does not say what happened, where, or whether to try again',
  rule: 'has a code, says whether it can be retried, and names the topic',
  topic: { name: topic, partitions: 1 },
  configs: { 'message.max.bytes': '2000' },
  async test({ client, broker }) {
    const sender = await client.sender(broker.bootstrapServers, usual)
    await sender.send(topic, [{ value: 'small' }])
    const error = await sender.send(topic, [{ value: Buffer.alloc(100_000) }]).then(
      () => undefined,
      (reason: unknown) => reason as Record<string, unknown>,
    )
    await sender.close()
    if (error === undefined) throw new Error('it was sent')
    const chain = withCauses(error)
    const has = (name: string) => chain.some((each) => each[name] !== undefined)
    const missing = [
      has('code') ? [] : 'a code',
      has('retriable') || has('canRetry') || has('retryable') ? [] : 'whether it can be retried',
      chain.some(({ message }) => String(message).includes(topic)) ? [] : 'the topic',
    ].flat()
    if (missing.length > 0) throw new Error(`"${error.message}" lacks ${missing.join(', ')}`)
  },
}

/** The error, what caused it, and the parts of an aggregate. */
function withCauses(error: Record<string, unknown>): Record<string, unknown>[] {
  const inner = [error.cause, ...((error.errors as unknown[] | undefined) ?? [])]
  const objects = inner.filter((each) => typeof each === 'object' && each !== null)
  return [error, ...objects.flatMap((each) => withCauses(each as Record<string, unknown>))]
}
