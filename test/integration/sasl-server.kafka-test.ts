import { startBroker } from '@ottla/broker'
import {
  type Api,
  ApiVersions,
  DeleteTopics,
  encodePlain,
  type InferInput,
  type MessageType,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import { type ApacheKafka, freePorts, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawClient } from '../../apps/broker/src/testing/raw-client.js'

interface Target {
  readonly host: string
  readonly port: number
}

type Step = (client: RawClient) => Promise<unknown>

const ask =
  <Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    version: number,
    body: InferInput<Request>,
  ): Step =>
  (client) =>
    client.request(api, version, body)

const handshake = (mechanism: string, version = 1): Step =>
  ask(SaslHandshake, version, { mechanism })
const token = (bytes: Uint8Array, version = 2): Step =>
  ask(SaslAuthenticate, version, { authBytes: bytes })
const plain = (username: string, password: string, authorizationId = ''): Uint8Array =>
  encodePlain({ username, password, authorizationId })
const metadata = ask(Metadata, 12, { topics: [] })
const versions: Step = async (client) => (await client.request(ApiVersions, 0, {})).errorCode
const bare =
  (bytes: Uint8Array): Step =>
  (client) => {
    const answer = client.nextFrame()
    client.sendBytes(bytes)
    return Promise.race([answer, client.closed.then(() => 'closed')])
  }

const good = token(plain('alice', 'secret'))
const login = [handshake('PLAIN'), good]

/** What a client does, one thing after the other; what it is answered has to be the same everywhere. */
const scenarios: Readonly<Record<string, readonly Step[]>> = {
  'a good login': [versions, ...login, versions],
  'a login of the oldest versions': [handshake('PLAIN'), token(plain('alice', 'secret'), 0)],
  'ApiVersions twice': [versions, versions],
  'an ApiVersions with a bad name, then a good login': [
    ask(ApiVersions, 3, { clientSoftwareName: '', clientSoftwareVersion: '1' }),
    ...login,
  ],
  'no login': [metadata],
  'a token before a mechanism': [good],
  'a handshake instead of a token': [handshake('PLAIN'), handshake('PLAIN'), versions],
  'a request instead of a token': [handshake('PLAIN'), metadata],
  'another request instead of a token': [
    handshake('PLAIN'),
    ask(DeleteTopics, 5, { topicNames: ['a', 'b'], timeoutMs: 1000 }),
  ],
  'an unknown mechanism': [handshake('GSSAPI'), versions],
  'a mechanism that is not enabled': [handshake('OAUTHBEARER')],
  'a wrong password': [handshake('PLAIN'), token(plain('alice', 'guess')), versions],
  'an unknown user': [handshake('PLAIN'), token(plain('carol', 'secret'))],
  'no password': [handshake('PLAIN'), token(plain('alice', ''))],
  'no user': [handshake('PLAIN'), token(plain('', 'secret'))],
  'no token': [handshake('PLAIN'), token(Buffer.alloc(0))],
  'a token of two parts': [handshake('PLAIN'), token(Buffer.from('alice\0secret'))],
  'a token of six parts': [handshake('PLAIN'), token(Buffer.from('\0alice\0secret\0\0\0'))],
  'a token of one part': [handshake('PLAIN'), token(Buffer.from('alice'))],
  'another authorization id': [handshake('PLAIN'), token(plain('alice', 'secret', 'bob'))],
  'SCRAM of an unknown user': [handshake('SCRAM-SHA-256'), token(Buffer.from('n,,n=carol,r=abc'))],
  'SCRAM that is none': [handshake('SCRAM-SHA-256'), token(Buffer.from('hello'))],
  'a token after the login': [...login, good],
  'a handshake after the login': [...login, handshake('PLAIN'), versions],
  'tokens without headers': [handshake('PLAIN', 0), bare(plain('alice', 'secret')), versions],
  'a wrong password without headers': [handshake('PLAIN', 0), bare(plain('alice', 'guess'))],
}

const transcript = async (target: Target, steps: readonly Step[]): Promise<unknown[]> => {
  const client = await RawClient.connect(target)
  const answers: unknown[] = []
  for (const step of steps) {
    const answer = await step(client).catch(() => 'closed')
    answers.push(answer)
    if (answer === 'closed') break
  }
  client.close()
  return answers
}

describe.runIf(requires('java', 'maven'))('a SASL listener', () => {
  const mechanisms = 'PLAIN,SCRAM-SHA-256'
  const jaas = (module: string, users = ''): string =>
    `org.apache.kafka.common.security.${module} required ${users};`
  let kafka: ApacheKafka
  let theirs: Target
  let ours: Awaited<ReturnType<typeof startBroker>>

  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    theirs = { host: '127.0.0.1', port }
    kafka = await startApacheKafka({
      configs: {
        listeners: `PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort},SASL_PLAINTEXT://127.0.0.1:${port}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:${port}`,
        'listener.security.protocol.map':
          'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
        'sasl.enabled.mechanisms': mechanisms,
        'listener.name.sasl_plaintext.plain.sasl.jaas.config': jaas(
          'plain.PlainLoginModule',
          'user_alice="secret" user_bob="other"',
        ),
        'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config':
          jaas('scram.ScramLoginModule'),
      },
    })
    ours = await startBroker({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [
        { name: 'alice', password: 'secret', mechanisms: ['PLAIN'] },
        { name: 'bob', password: 'other', mechanisms: ['PLAIN'] },
      ],
      configs: { 'sasl.enabled.mechanisms': mechanisms },
    })
  })

  afterAll(async () => {
    await ours?.close()
    await kafka?.remove()
  })

  const inOrder = (answers: unknown[]): unknown[] =>
    answers.map((answer) =>
      typeof answer === 'object' && answer !== null && 'mechanisms' in answer
        ? { ...answer, mechanisms: [...(answer.mechanisms as string[])].sort() }
        : answer,
    )

  test.each(Object.entries(scenarios))('answers %s as Apache Kafka does', async (_, steps) => {
    const expected = inOrder(await transcript(theirs, steps))
    expect(inOrder(await transcript(ours, steps))).toEqual(expected)
  })
})
