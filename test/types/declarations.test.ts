import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { installPacked, packAll, run } from './src/packed.js'

/** The oldest TypeScript whose users we serve, the one we build with, and the newest. */
const compilers = ['5.4', '5.9', '7']

/** An application that touches every package, checked against the packed declarations. */
const application = `
import { Admin } from '@ottla/admin'
import { startBroker } from '@ottla/broker'
import { containing, type Result, rule, runConformance } from '@ottla/conformance'
import { Consumer } from '@ottla/consumer'
import * as coordinator from '@ottla/coordinator'
import * as log from '@ottla/log'
import * as network from '@ottla/network'
import { Producer } from '@ottla/producer'
import { FetchRequest, Metadata, ProduceRequest, murmur2, type Infer } from '@ottla/protocol'
import { messageType } from '@ottla/protocol/registry'
import { Ottla } from 'ottla'

export const everything = [coordinator, log, network, messageType('FetchRequest')]

export async function roundTrip(): Promise<bigint> {
  const broker = await startBroker()
  const producer = new Producer({ bootstrapServers: broker.bootstrapServers })
  const { offset, partition, timestamp } = await producer.send({ topic: 't', key: 'k', value: 'v' })
  const numbers: number = partition + timestamp
  const consumer = new Consumer({ bootstrapServers: broker.bootstrapServers, groupId: 'g', topics: ['t'] })
  for await (const record of consumer) {
    const value: Uint8Array | null = record.value
    if (value && numbers) break
  }
  const admin = new Admin({ bootstrapServers: broker.bootstrapServers })
  await admin.createTopics([{ name: 'x', partitions: 3 }])
  await Promise.all([producer.close(), consumer.close(), admin.close(), broker.close()])
  return offset
}

const request: Infer<typeof FetchRequest> = FetchRequest.at(17).decode(new Uint8Array(0))
export const sessionId: number = request.sessionId
export const body: Uint8Array = ProduceRequest.at(9).encode({ acks: -1, timeoutMs: 1000, topicData: [] })
export const hash: number = murmur2(body)
export const kafka = new Ottla({ bootstrapServers: 'localhost:9092' })

export const ownRule = rule({
  id: 'metadata.own',
  says: 'It has a broker.',
  source: 'KIP-4',
  apis: [Metadata],
  topic: 'metadata',
  run: async (t) => {
    t.expect(await t.client.ask(Metadata, { topics: [] }), { brokers: containing({ nodeId: 1 }) })
  },
})
export async function failures(): Promise<readonly Result[]> {
  const target = { name: 'mine', address: 'localhost:9092', provides: ['acls' as const] }
  const { results } = await runConformance(target, { rules: [ownRule] })
  return results.filter(({ status }) => status === 'failed')
}

// @ts-expect-error an unknown option is a type error
new Producer({ bootstrapServers: 'localhost:9092', bootstrap: true })
`

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: ['node'],
  strict: true,
  noEmit: true,
  // Our declarations are what is on trial here.
  skipLibCheck: false,
}

let project = ''

beforeAll(() => {
  project = installPacked(packAll(), process.execPath)
  const aliases = compilers.map((version) => `typescript-${version}@npm:typescript@${version}`)
  run('npm', ['install', '--no-audit', '--no-fund', '@types/node@20', ...aliases], project)
  writeFileSync(join(project, 'application.ts'), application)
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['application.ts'] }),
  )
})

describe('declarations', () => {
  it.each(compilers)('check under TypeScript %s', (version) => {
    const tsc = join(project, 'node_modules', `typescript-${version}`, 'bin/tsc')
    expect(run(process.execPath, [tsc, '-p', 'tsconfig.json'], project)).toBe('')
  })
})
