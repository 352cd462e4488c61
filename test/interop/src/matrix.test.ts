import { join } from 'node:path'
import {
  CURRENT_RELEASE,
  chosenTarget,
  type KafkaTarget,
  LAST_3_RELEASE,
  requires,
  startTarget,
  type ToolName,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ability, gapOf, matrixPage, type Row } from './abilities.js'
import { type Client, foreignClients, ottlaClient } from './clients.js'
import { checkAdmin, checkGroup, checkRecords, checkSecurity, Judged } from './judge.js'

const PAGE = join(import.meta.dirname, '..', 'results', 'matrix.md')

/** The first time a toolchain is asked, it fetches and builds. */
const PREPARE_TIMEOUT_MS = 600_000
/** Clients run at the same time, and some start slowly; within a test, every wait has a limit of its own. */
const PATIENCE = { timeout: 600_000 }

const rows: Row[] = []
let isComplete = true

/** What clients are asked, by the ability without which it makes no sense. */
const CHECKS: readonly {
  readonly needs: Ability
  readonly title: string
  readonly check: (judged: Judged) => Promise<readonly Ability[]>
}[] = [
  {
    needs: 'consume',
    title: 'writes every codec it knows, and reads it back in order',
    check: checkRecords,
  },
  {
    needs: 'group',
    title: 'shares a topic, hands partitions over, and goes on where it was',
    check: checkGroup,
  },
  { needs: 'admin', title: 'creates, describes and deletes a topic', check: checkAdmin },
  { needs: 'tls', title: 'writes and reads by TLS and SASL', check: checkSecurity },
]

const checksFor = ({ name }: Client, broker: string) =>
  CHECKS.filter(({ needs }) => gapOf(name, broker, needs) === undefined)

/** Asks a client for all it can do, on a broker that is there when the tests run. */
const judge = (client: Client, broker: string, target: () => KafkaTarget, has: boolean): void => {
  const shown = new Set<Ability>()
  let judged: Judged
  beforeAll(async () => {
    if (!has) return
    rows.push({ client: client.name, version: await client.version(), broker, shown })
    judged = new Judged(client, await client.prepare(), target())
  }, PREPARE_TIMEOUT_MS)
  afterAll(() => judged?.end())

  for (const { title, check } of checksFor(client, broker)) {
    test.runIf(has)(title, PATIENCE, async () => {
      for (const ability of await check(judged)) shown.add(ability)
    })
  }
}

const isHere = (tools: readonly ToolName[]): boolean => {
  const has = requires(...tools)
  isComplete &&= has
  return has
}

const isAsked = (client: Client): boolean => checksFor(client, chosenTarget()).length > 0

describe(`on ${chosenTarget()}`, () => {
  let target: KafkaTarget
  beforeAll(async () => {
    target = await startTarget(undefined, { profile: 'security' })
  })
  afterAll(() => target?.remove())

  describe.concurrent.each([...foreignClients, ottlaClient].filter(isAsked))('$name', (client) =>
    judge(client, chosenTarget(), () => target, isHere(client.requires)),
  )
})

describe.each([
  [`apache-kafka-${CURRENT_RELEASE}`, ['java', 'maven']],
  [`apache-kafka-${LAST_3_RELEASE}`, ['java', 'maven']],
  ['kfake', ['go']],
] as const)('Ottla on %s', (name, tools) => {
  const has = isHere(tools)
  let target: KafkaTarget
  beforeAll(async () => {
    if (has) target = await startTarget(name, { profile: 'security' })
  })
  afterAll(() => target?.remove())

  describe.concurrent(ottlaClient.name, () => judge(ottlaClient, name, () => target, has))
})

// Another target is looked at for its own sake, and a machine without some of the tools shows a part only.
test.runIf(isComplete && chosenTarget() === 'ottla')('the matrix says so', async () => {
  for (const client of foreignClients.filter((each) => !isAsked(each))) {
    const version = await client.version()
    rows.push({ client: client.name, version, broker: chosenTarget(), shown: new Set() })
  }
  const order = [...foreignClients, ottlaClient].map(({ name }) => name)
  const sorted = [...rows].sort((a, b) => order.indexOf(a.client) - order.indexOf(b.client))
  const page = matrixPage(sorted)
  process.stdout.write(`${page}\n`)
  await expect(page).toMatchFileSnapshot(PAGE)
})
