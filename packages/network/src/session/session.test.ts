import {
  type Api,
  ApiVersions,
  ConnectionError,
  decodeRequestBody,
  decodeRequestHeader,
  encodeResponse,
  Heartbeat,
  KafkaError,
  type MessageType,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../platform/seeded-random.js'
import type { Call, SessionEffect } from './call.js'
import { Session } from './session.js'
import type { SessionOptions } from './session-options.js'

const defaults: SessionOptions = {
  peer: { name: 'broker 1 (b:9092)', node: 1 },
  clientId: 'test',
  maxInFlight: 5,
  negotiationTimeoutMs: 1000,
  maxIdleMs: 0,
}

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }

const callOf = (deadlineMs: number, options: Partial<Call> = {}): Call => ({
  api: Heartbeat,
  version: 4,
  body: heartbeat,
  deadlineMs,
  timeoutMs: 100,
  expectResponse: true,
  ...options,
})

const frameOf = (effect: SessionEffect | undefined): Uint8Array => {
  if (effect?.kind !== 'write') throw new Error(`expected a write, not ${effect?.kind}`)
  return new Uint8Array(Buffer.concat(effect.parts))
}

/** Sends a call and copies what goes out at once, as a transport does: the encoder's buffer is used again. */
const submit = (session: Session, call: Call, nowMs: number): SessionEffect[] =>
  session
    .submit(call, nowMs)
    .map((effect) =>
      effect.kind === 'write'
        ? { ...effect, parts: effect.parts.map((part) => new Uint8Array(part)) }
        : effect,
    )

const headerOf = (effect: SessionEffect | undefined) => decodeRequestHeader(frameOf(effect))

const answer = <R extends MessageType>(
  api: Api<MessageType, R>,
  version: number,
  correlationId: number,
  body: object,
): Uint8Array =>
  encodeResponse(api as Api<MessageType, MessageType>, version, correlationId, {
    errorCode: 0,
    ...(api.key === ApiVersions.key ? { apiKeys: [] } : {}),
    ...body,
  })

const kinds = (effects: readonly SessionEffect[]): string[] => effects.map(({ kind }) => kind)

const errorOf = (effects: readonly SessionEffect[], kind: 'reject' | 'close') => {
  const effect = effects.find((candidate) => candidate.kind === kind)
  return effect !== undefined && 'error' in effect ? effect.error : undefined
}

const everyApi = [ApiVersions, Heartbeat, Metadata, Produce].map(({ key, versions }) => ({
  apiKey: key,
  minVersion: versions.min,
  maxVersion: versions.max,
}))

const readySession = (options: Partial<SessionOptions> = {}, nowMs = 0): Session => {
  const session = new Session({ ...defaults, ...options })
  const [write] = session.start(nowMs)
  const { correlationId } = headerOf(write)
  session.receive(answer(ApiVersions, 5, correlationId, { apiKeys: everyApi }), nowMs)
  expect(session.state).toBe('ready')
  return session
}

describe('negotiation', () => {
  it('asks with the newest version and introduces itself', () => {
    const [write] = new Session(defaults).start(0)
    const header = headerOf(write)
    expect(header).toMatchObject({
      apiKey: 18,
      apiVersion: ApiVersions.versions.max,
      clientId: 'test',
    })
    const body = decodeRequestBody(
      ApiVersions,
      header.apiVersion,
      frameOf(write),
      header.bodyOffset,
    )
    expect(body).toMatchObject({ clientSoftwareName: 'ottla' })
    expect(body.clientSoftwareVersion).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('asks again at the version that a newer-than-2.4 broker offers', () => {
    const session = new Session(defaults)
    const [first] = session.start(0)
    const refusal = answer(ApiVersions, 0, headerOf(first).correlationId, {
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }],
    })
    const [second] = session.receive(refusal, 1)
    expect(headerOf(second).apiVersion).toBe(3)
    const granted = answer(ApiVersions, 3, headerOf(second).correlationId, { apiKeys: everyApi })
    expect(kinds(session.receive(granted, 2))).toEqual(['ready'])
  })

  it('asks again at version 0 when an older broker offers nothing', () => {
    const session = new Session(defaults)
    const [first] = session.start(0)
    const refusal = answer(ApiVersions, 0, headerOf(first).correlationId, { errorCode: 35 })
    const [second] = session.receive(refusal, 1)
    expect(headerOf(second).apiVersion).toBe(0)
    const granted = answer(ApiVersions, 0, headerOf(second).correlationId, { apiKeys: everyApi })
    expect(kinds(session.receive(granted, 2))).toEqual(['ready'])
  })

  it('gives up when version 0 is refused too, or an offer leads nowhere', () => {
    const session = new Session(defaults)
    const [first] = session.start(0)
    const refusal = (id: number, max: number): Uint8Array =>
      answer(ApiVersions, 0, id, {
        errorCode: 35,
        apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: max }],
      })
    expect(
      errorOf(session.receive(refusal(headerOf(first).correlationId, 9), 1), 'close'),
    ).toMatchObject({
      code: 'OTTLA_UNSUPPORTED_VERSION',
    })
    const again = new Session(defaults)
    const [one] = again.start(0)
    const [two] = again.receive(refusal(headerOf(one).correlationId, 0), 1)
    const effects = again.receive(refusal(headerOf(two).correlationId, 0), 2)
    expect(errorOf(effects, 'close')).toMatchObject({ code: 'OTTLA_UNSUPPORTED_VERSION' })
    expect(again.state).toBe('closed')
  })

  it('says what an end during ApiVersions may mean, and how long it waited', () => {
    const session = new Session(defaults)
    session.start(0)
    expect(session.nextDeadlineMs).toBe(1000)
    expect(session.tick(999)).toEqual([])
    expect(errorOf(session.tick(1000), 'close')?.message).toMatch(
      /did not answer ApiVersions within 1000 ms/,
    )
    const cut = new Session(defaults)
    cut.start(0)
    const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const error = errorOf(cut.disconnect(kafkaErrorFrom(lost)), 'close')
    expect(error).toMatchObject({
      code: 'OTTLA_CONNECTION_NEGOTIATION',
      api: 'ApiVersions',
      node: 1,
    })
    expect(error?.message).toMatch(
      /instead of answering ApiVersions; .* expects TLS \(set the option tls\), .* SASL \(set the option sasl\)/,
    )
  })

  it('takes other errors and garbage as the end', () => {
    for (const [frame, code] of [
      [
        (id: number) => answer(ApiVersions, 5, id, { errorCode: 42 }),
        'OTTLA_BROKER_INVALID_REQUEST',
      ],
      [(id: number) => answer(ApiVersions, 5, id + 7, {}), 'OTTLA_CONNECTION_CORRELATION'],
      [() => new Uint8Array(3), 'OTTLA_WIRE'],
      [() => new Uint8Array(5), 'OTTLA_WIRE'],
    ] as const) {
      const session = new Session(defaults)
      const [write] = session.start(0)
      const effects = session.receive(frame(headerOf(write).correlationId), 0)
      expect(errorOf(effects, 'close')).toMatchObject({ code })
    }
  })

  it('rejects calls before it is ready and after the end', () => {
    const session = new Session(defaults)
    expect(kinds(session.submit(callOf(9), 0))).toEqual(['reject'])
    session.start(0)
    expect(kinds(session.submit(callOf(9), 0))).toEqual(['reject'])
    session.tick(1000)
    expect(errorOf(session.submit(callOf(9), 0), 'reject')).toMatchObject({ code: 'OTTLA_TIMEOUT' })
    expect(session.receive(new Uint8Array(8), 1)).toEqual([])
  })
})

const kafkaErrorFrom = (error: Error): KafkaError => KafkaError.from(error)

describe('versions', () => {
  it('picks the highest common one within the limits of the caller', () => {
    const { versions } = readySession()
    expect(versions?.choose(Metadata)).toBe(Metadata.versions.max)
    expect(versions?.choose(Metadata, { maxVersion: 4 })).toBe(4)
    expect(() => versions?.choose(Metadata, { minVersion: 99 })).toThrow(
      /Metadata needs a version from 99 to \d+ here, but broker 1 \(b:9092\) serves versions 0 to \d+/,
    )
    const { request, response } = Metadata
    const unheardOf = { ...Metadata, key: 9999, name: 'Unheard', request, response }
    expect(() => versions?.choose(unheardOf)).toThrow(/Unheard .*does not serve it/)
  })
})

describe('calls', () => {
  it('keeps the limit of calls in flight and answers in order', () => {
    const session = readySession({ maxInFlight: 2 })
    const calls = [callOf(100), callOf(100), callOf(100)]
    const writes = calls.map((call) => submit(session, call, 0))
    expect(writes.map(kinds)).toEqual([['write'], ['write'], []])
    const first = headerOf(writes[0]?.[0]).correlationId
    const effects = session.receive(answer(Heartbeat, 4, first, { errorCode: 0 }), 1)
    expect(kinds(effects)).toEqual(['resolve', 'write'])
    expect(effects[0]).toMatchObject({ call: calls[0], response: { errorCode: 0 } })
    expect(headerOf(effects[1]).correlationId).toBe(first + 2)
  })

  it('ends when an answer comes out of turn, or without a question', () => {
    const session = readySession()
    const [write] = submit(session, callOf(100), 0)
    const other = submit(session, callOf(100), 0)
    expect(kinds(other)).toEqual(['write'])
    const wrong = headerOf(other[0]).correlationId
    const effects = session.receive(answer(Heartbeat, 4, wrong, {}), 1)
    expect(kinds(effects)).toEqual(['reject', 'reject', 'close'])
    expect(errorOf(effects, 'close')).toMatchObject({ code: 'OTTLA_CONNECTION_CORRELATION' })
    expect(errorOf(effects, 'close')?.message).toContain(
      `expected ${headerOf(write).correlationId} (Heartbeat)`,
    )
    const idle = readySession()
    expect(kinds(idle.receive(answer(Heartbeat, 4, 3, {}), 1))).toEqual(['close'])
    expect(kinds(readySession().receive(new Uint8Array(2), 1))).toEqual(['close'])
  })

  it('fails only the call whose answer cannot be read', () => {
    const session = readySession()
    const [one] = submit(session, callOf(100), 0)
    const [two] = submit(session, callOf(100), 0)
    const broken = answer(Heartbeat, 4, headerOf(one).correlationId, {}).subarray(0, 7)
    const effects = session.receive(broken, 1)
    expect(kinds(effects)).toEqual(['reject'])
    expect(errorOf(effects, 'reject')).toMatchObject({ code: 'OTTLA_WIRE' })
    const sound = answer(Heartbeat, 4, headerOf(two).correlationId, {})
    expect(kinds(session.receive(sound, 2))).toEqual(['resolve'])
  })

  it('fails only the call whose body does not fit, and uses no correlation id for it', () => {
    const session = readySession()
    const effects = submit(session, callOf(100, { body: { groupId: 7 } }), 0)
    expect(errorOf(effects, 'reject')).toMatchObject({ code: 'OTTLA_WIRE' })
    const [write] = submit(session, callOf(100), 0)
    expect(headerOf(write).correlationId).toBe(1)
  })

  it('closes when a sent call is overdue: the others fail as lost', () => {
    const session = readySession()
    const late = callOf(100)
    const other = callOf(500)
    submit(session, late, 0)
    submit(session, other, 0)
    expect(session.nextDeadlineMs).toBe(100)
    expect(session.tick(99)).toEqual([])
    const effects = session.tick(100)
    expect(kinds(effects)).toEqual(['reject', 'reject', 'close'])
    expect(effects[0]).toMatchObject({
      call: late,
      error: { code: 'OTTLA_TIMEOUT', api: 'Heartbeat' },
    })
    expect(effects[1]).toMatchObject({ call: other, error: { code: 'OTTLA_CONNECTION' } })
  })

  it('drops an overdue call that was never sent and stays open', () => {
    const session = readySession({ maxInFlight: 1 })
    submit(session, callOf(500), 0)
    submit(session, callOf(100), 0)
    const effects = session.tick(100)
    expect(kinds(effects)).toEqual(['reject'])
    expect(errorOf(effects, 'reject')?.message).toMatch(/could not be sent.*1 requests before it/)
    expect(session.nextDeadlineMs).toBe(500)
  })

  it('throws away the answer of a cancelled call but still waits for it', () => {
    const session = readySession({ maxInFlight: 1 })
    const sent = callOf(100)
    const queued = callOf(100)
    const [write] = submit(session, sent, 0)
    submit(session, queued, 0)
    session.cancel(sent)
    session.cancel(queued)
    expect(session.pendingCalls).toBe(1)
    const { correlationId } = headerOf(write)
    expect(session.receive(answer(Heartbeat, 4, correlationId, {}), 1)).toEqual([])
    expect(session.pendingCalls).toBe(0)
  })

  const unanswered = (deadlineMs: number) => {
    const body = { acks: 0, timeoutMs: 1, topicData: [] }
    return callOf(deadlineMs, { api: Produce, version: 9, body, expectResponse: false })
  }

  it('resolves a call without answer once its bytes have left', () => {
    const session = readySession({ maxInFlight: 1 })
    const call = unanswered(100)
    expect(kinds(submit(session, call, 0))).toEqual(['write'])
    expect(session.pendingCalls).toBe(1)
    expect(submit(session, unanswered(200), 0)).toEqual([])
    expect(kinds(session.sent(call, 1))).toEqual(['resolve', 'write'])
    expect(session.sent(call, 1)).toEqual([])
    expect(session.pendingCalls).toBe(1)
  })

  it('ends when the bytes of a call without answer do not leave in time, or rejects them at its end', () => {
    const stuck = readySession()
    submit(stuck, unanswered(100), 0)
    expect(stuck.nextDeadlineMs).toBe(100)
    const effects = stuck.tick(100)
    expect(kinds(effects)).toEqual(['reject', 'close'])
    expect(errorOf(effects, 'reject')?.message).toMatch(/took no bytes of Produce within/)
    const lost = readySession()
    submit(lost, unanswered(100), 0)
    expect(kinds(lost.disconnect(new ConnectionError('gone')))).toEqual(['reject', 'close'])
  })

  it('sends large byte fields by reference', () => {
    const session = readySession()
    const records = new Uint8Array(100_000)
    const body = {
      acks: 1,
      timeoutMs: 1,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    }
    const [write] = session.submit(callOf(100, { api: Produce, version: 9, body }), 0)
    expect(write?.kind === 'write' && write.parts.includes(records)).toBe(true)
  })

  it('holds back while the broker throttles, and only where that is the client’s part', () => {
    const session = readySession()
    const [write] = submit(session, callOf(10_000), 0)
    const throttled = answer(Heartbeat, 4, headerOf(write).correlationId, { throttleTimeMs: 300 })
    expect(kinds(session.receive(throttled, 10))).toEqual(['throttle', 'resolve'])
    expect(submit(session, callOf(10_000), 20)).toEqual([])
    expect(session.nextDeadlineMs).toBe(310)
    expect(session.tick(309)).toEqual([])
    submit(session, callOf(10_000), 20)
    // Both leave in one step, each with bytes of its own.
    const released = session.tick(310)
    expect(kinds(released)).toEqual(['write', 'write'])
    expect(released.map((effect) => headerOf(effect).correlationId)).toEqual([2, 3])
    const old = readySession()
    const [early] = submit(old, callOf(10_000, { version: 1 }), 0)
    const done = answer(Heartbeat, 1, headerOf(early).correlationId, { throttleTimeMs: 300 })
    expect(kinds(old.receive(done, 10))).toEqual(['resolve'])
  })

  it('ends when nobody used it for long', () => {
    const session = readySession({ maxIdleMs: 1000 })
    expect(session.nextDeadlineMs).toBe(1000)
    const [write] = submit(session, callOf(9000), 500)
    session.receive(answer(Heartbeat, 4, headerOf(write).correlationId, {}), 600)
    expect(session.tick(1000)).toEqual([])
    expect(session.nextDeadlineMs).toBe(1600)
    expect(errorOf(session.tick(1600), 'close')).toMatchObject({ code: 'OTTLA_CONNECTION_IDLE' })
  })
})

/** Drives a session with random events and holds it to what must be true of every history. */
const simulate = (seed: number): void => {
  const random = seededRandom(seed)
  const pick = (count: number): number => Math.floor(random.next() * count)
  const maxInFlight = 1 + pick(4)
  const session = readySession({ maxInFlight, maxIdleMs: 100_000 })
  const open = new Set<Call>()
  const cancelled = new Set<Call>()
  const onWire: { id: number; call: Call }[] = []
  let submitted: Call[] = []
  let nowMs = 0
  let closed = false

  const apply = (effects: readonly SessionEffect[]): void => {
    for (const effect of effects) {
      expect(closed).toBe(false)
      if (effect.kind === 'write') {
        const call = submitted.shift() as Call
        onWire.push({ id: headerOf(effect).correlationId, call })
        expect(onWire.length).toBeLessThanOrEqual(maxInFlight)
      } else if (effect.kind === 'resolve' || effect.kind === 'reject') {
        expect(open.delete(effect.call)).toBe(true)
        expect(cancelled.has(effect.call)).toBe(false)
        if (effect.kind === 'reject') {
          submitted = submitted.filter((call) => call !== effect.call)
          expect(effect.error.retriable).toBe(true)
        }
      } else if (effect.kind === 'close') {
        closed = true
        expect(open.size).toBe(0)
      }
    }
  }

  for (let step = 0; step < 200 && !closed; step++) {
    const choice = pick(100)
    if (choice < 45) {
      const call = callOf(nowMs + 50 + pick(2000))
      open.add(call)
      submitted.push(call)
      apply(session.submit(call, nowMs))
    } else if (choice < 85 && onWire.length > 0) {
      const { id } = onWire.shift() as { id: number }
      const throttleTimeMs = pick(10) === 0 ? pick(100) : 0
      apply(session.receive(answer(Heartbeat, 4, id, { throttleTimeMs }), nowMs))
    } else if (choice < 90 && open.size > 0) {
      const call = [...open][pick(open.size)] as Call
      open.delete(call)
      cancelled.add(call)
      submitted = submitted.filter((other) => other !== call)
      session.cancel(call)
    } else if (choice < 99) {
      nowMs += pick(60)
      if (nowMs >= session.nextDeadlineMs) apply(session.tick(nowMs))
    } else if (onWire.length > 1) {
      apply(session.receive(answer(Heartbeat, 4, onWire[1]?.id ?? 0, {}), nowMs))
      expect(closed).toBe(true)
    }
    expect(session.state === 'closed').toBe(closed)
    if (!closed && open.size > 0) expect(session.nextDeadlineMs).toBeLessThan(Infinity)
  }
  if (!closed) apply(session.disconnect(new ConnectionError('end of the simulation')))
  expect(open.size).toBe(0)
}

describe('simulation', () => {
  it('settles every call once, in order, within its limits, whatever happens', () => {
    for (let seed = 1; seed <= 150; seed++) {
      try {
        simulate(seed)
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        })
      }
    }
  })
})
