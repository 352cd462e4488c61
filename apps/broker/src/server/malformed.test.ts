import { connect as connectTcp, type Socket } from 'node:net'
import {
  ApiVersions,
  CreateTopics,
  encodeRequest,
  Fetch,
  Metadata,
  OffsetCommit,
  Produce,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import type { BrokerEvent } from '../events.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

const header = { correlationId: 1, clientId: 'bad' }
const hello = encodeRequest(ApiVersions, 0, header, {})
const metadata = encodeRequest(Metadata, 12, header, { topics: null })
const produce = encodeRequest(Produce, 9, header, {
  acks: 1,
  timeoutMs: 1000,
  topicData: [{ name: 't', partitionData: [{ index: 0, records: batchOf('x') }] }],
})

/** A frame with its size in front, or with another size. */
const framed = (frame: Uint8Array, size = frame.length): Uint8Array => {
  const bytes = Buffer.alloc(4 + frame.length)
  bytes.writeInt32BE(size)
  bytes.set(frame, 4)
  return bytes
}

const patched = (frame: Uint8Array, at: number, ...bytes: number[]): Uint8Array => {
  const copy = Uint8Array.from(frame)
  copy.set(bytes, at)
  return copy
}

const cut = (frame: Uint8Array, bytes: number): Uint8Array =>
  frame.subarray(0, frame.length - bytes)

const text = (value: string): Uint8Array => Buffer.from(value)

/** What is sent, as it goes on the wire, and what the log has to say about it. */
const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a negative size', framed(hello, -1), /a frame of -1 bytes/],
  ['a size above the limit', framed(hello, 100_001), /a frame of 100001 bytes .* 100000/],
  ['the largest size', framed(hello, 0x7fffffff), /2147483647 bytes/],
  ['HTTP', text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), /frame of/],
  ['TLS', Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252), /speaks TLS/],
  ['an empty frame', framed(new Uint8Array(0)), /header/],
  ['half a header', framed(hello.subarray(0, 7)), /header/],
  ['a client id longer than the frame', framed(patched(hello, 8, 127, 255)), /header/],
  ['a client id of negative length', framed(patched(hello, 8, 255, 0)), /header/],
  ['an unknown API', framed(patched(hello, 0, 3, 231)), /API key 999/],
  ['a negative API', framed(patched(hello, 0, 255, 255)), /API key -1/],
  ['an unknown version', framed(patched(metadata, 3, 99)), /Metadata request of version 99/],
  ['a negative version', framed(patched(metadata, 2, 255, 255)), /Metadata request of version -1/],
  ['a version from before 4.0', framed(patched(produce, 3, 2)), /Produce request of version 2/],
  ['an API for brokers', framed(patched(hello, 1, 58)), /API key 58/],
  ['a body that ends early', framed(cut(produce, 3)), /Produce v9 request/],
  [
    'an array longer than the frame',
    framed(patched(metadata, 14, 255, 255, 255, 127)),
    /Metadata v12/,
  ],
  [
    'a varint without an end',
    framed(patched(produce, produce.length - 4, 255, 255, 255, 255)),
    /Produce v9 request/,
  ],
  [
    'a null where none may be',
    framed(
      encodeRequest(OffsetCommit, 2, header, {
        groupId: '',
        topics: [],
      }).fill(255, 13, 15),
    ),
    /OffsetCommit v2 request/,
  ],
  ['noise', framed(Buffer.from('a7'.repeat(60), 'hex')), /API key|header/],
]

const connectTo = ({ host, port }: Broker): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const opened = connectTcp(port, host, () => resolve(opened))
    opened.once('error', reject)
  })

const endOf = (opened: Socket): Promise<void> =>
  new Promise((resolve) => {
    opened.on('error', () => {})
    opened.once('close', () => resolve())
    opened.resume()
  })

describe('malformed input', () => {
  let broker: Broker
  let ends: BrokerEvent<'disconnection'>[]
  let good: RawClient

  beforeEach(async () => {
    broker = await startBroker({ configs: { 'socket.request.max.bytes': '100000' } })
    ends = []
    broker.events.on('disconnection', (event) => ends.push(event))
    good = await RawClient.connect(broker)
    const topics = [
      { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ]
    await good.request(CreateTopics, 4, { topics })
  })

  afterEach(async () => {
    good.close()
    await broker.close()
  })

  it.each(cases)(
    '%s ends that connection with a reason and disturbs no other',
    async (_, bytes, reason) => {
      const bad = await connectTo(broker)
      const end = endOf(bad)
      bad.write(bytes)
      await end
      expect(ends).toHaveLength(1)
      expect(ends[0]?.reason).toMatch(reason)
      expect(ends[0]?.endedByBroker).toBe(true)
      expect(await good.request(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
      expect(await good.request(Metadata, 12, { topics: null })).toMatchObject({
        topics: [{ name: 't', errorCode: 0 }],
      })
    },
  )

  it('is not what follows a whole body: librdkafka sends three bytes more than its Metadata 13 has', async () => {
    const opened = await connectTo(broker)
    const answered = new Promise<Buffer>((resolve) => opened.once('data', resolve))
    opened.write(framed(Buffer.concat([metadata, Buffer.alloc(3)])))
    expect((await answered).readInt32BE(4)).toBe(header.correlationId)
    expect(ends).toEqual([])
    opened.destroy()
  })

  it('is the same before and after good requests of one connection, which are answered', async () => {
    const bad = await connectTo(broker)
    const chunks: Buffer[] = []
    bad.on('data', (chunk) => chunks.push(chunk))
    const end = endOf(bad)
    bad.write(
      Buffer.concat([framed(hello), framed(hello), framed(cut(metadata, 1)), framed(hello)]),
    )
    await end
    const bytes = Buffer.concat(chunks)
    const first = bytes.readInt32BE(0)
    expect(bytes.readInt32BE(4 + first)).toBe(first)
    expect(bytes).toHaveLength(2 * (4 + first))
  })

  it('half a frame is no failure: the client has left', async () => {
    const bad = await connectTo(broker)
    const end = endOf(bad)
    bad.end(framed(hello).subarray(0, 6))
    await end
    await good.request(ApiVersions, 0, {})
    expect(ends[0]).toMatchObject({ endedByBroker: false })
    expect(ends[0]?.reason).toMatch(/in the middle of a frame/)
  })

  it('garbage instead of a token ends the authentication', async () => {
    const secured = await startBroker({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      configs: {
        'connection.failed.authentication.delay.ms': '0',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      },
    })
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']) {
      for (const token of ['', '\0', 'n,,', 'n,,n=a,r=b,x', '\u0001', 'é'.repeat(5000)]) {
        const client = await RawClient.connect(secured)
        await client.request(SaslHandshake, 1, { mechanism })
        const authBytes = text(token)
        const { errorCode } = await client.request(SaslAuthenticate, 2, { authBytes })
        expect([errorCode, mechanism, token]).toEqual([58, mechanism, token])
        await client.closed
      }
    }
    await secured.close()
  })
})

describe('bounds', () => {
  let broker: Broker
  const ends: (string | undefined)[] = []
  const clients: RawClient[] = []

  const start = async (configs: Record<string, string>): Promise<void> => {
    broker = await startBroker({ configs })
    broker.events.on('disconnection', ({ reason }) => ends.push(reason))
  }

  const connect = async (): Promise<RawClient> => {
    const client = await RawClient.connect(broker)
    clients.push(client)
    return client
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await broker.close()
    ends.length = 0
  })

  it('closes connections without requests, however they drip, and none that wait for an answer', async () => {
    await start({ 'connections.max.idle.ms': '60000' })
    const [silent, busy] = [await connect(), await connect()]
    const dripping = await connectTo(broker)
    const cutOff = endOf(dripping)
    for (let look = 0; look < 5; look += 1) {
      dripping.write(framed(hello).subarray(2 * look, 2 * look + 2))
      await busy.request(ApiVersions, 0, {})
      await broker.advanceTime(15_000)
    }
    await Promise.all([silent.closed, cutOff])
    expect(ends).toEqual(Array(2).fill('idle for 60000 ms (connections.max.idle.ms)'))
    expect(await busy.request(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
  })

  it('reads no more requests from a client that takes no answers, and loses none', async () => {
    await start({})
    const megabyte = 1024 * 1024
    const [writer, slow] = [await connect(), await connect()]
    const topics = [
      { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ]
    await writer.request(CreateTopics, 4, { topics })
    const records = batchOf('x'.repeat(megabyte - 1000))
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    await writer.request(Produce, 9, { acks: 1, timeoutMs: 1000, topicData })
    let fetched = 0
    broker.events.on('request', ({ api }) => {
      if (api === 'Fetch') fetched += 1
    })
    slow.pause()
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: megabyte }]
    const fetches = Array.from({ length: 200 }, () =>
      slow.request(Fetch, 11, {
        maxWaitMs: 0,
        minBytes: 1,
        topics: [{ topic: 't', partitions }],
        replicaState: {},
        forgottenTopicsData: [],
      }),
    )
    for (let turn = 0; turn < 50; turn += 1) await writer.request(ApiVersions, 0, {})
    // 8 MiB that wait in the broker, and what two sockets hold.
    expect(fetched).toBeLessThan(60)
    slow.resume()
    const answers = await Promise.all(fetches)
    expect(answers).toHaveLength(200)
    expect(fetched).toBe(200)
  })

  it('limits connections per address, and differently for some', async () => {
    await start({
      'max.connections.per.ip': '1',
      'max.connections.per.ip.overrides': '127.0.0.1:2',
    })
    const first = await connect()
    const second = await connect()
    for (const client of [first, second]) await client.request(ApiVersions, 0, {})
    await (await connect()).closed
    expect(ends).toEqual(['more than max.connections.per.ip connections from 127.0.0.1'])
    second.close()
    await second.closed
    const next = await connect()
    await next.request(ApiVersions, 0, {})
  })
})
