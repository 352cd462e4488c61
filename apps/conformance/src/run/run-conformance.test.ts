import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { startBroker } from '@ottla/broker'
import { ListGroups, Metadata, OffsetCommit } from '@ottla/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { formatReport } from '../report/format-report.js'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic } from '../steps/index.js'
import { runConformance } from './run-conformance.js'

const named = (id: string, run: Rule['run']) =>
  rule({
    ...{ id, says: 'It is there.', source: 'KIP-4', apis: [Metadata], topic: 'metadata' },
    ...{ versions: 'newest', run },
  })
const asks = (id: string) =>
  named(id, async (t) => {
    t.expect(await t.client.ask(Metadata, { topics: [] }), { topics: [] })
  })

describe('a run', () => {
  it('ends early when the target is gone, and says so in every form', async () => {
    const broker = await startBroker()
    onTestFinished(() => broker.close())
    const fells = named('metadata.fells', async (t) => {
      await broker.close()
      t.expect(await t.client.ask(Metadata, { topics: [] }), { topics: [] })
    })
    const target = { name: 'falls', address: broker.bootstrapServers }
    const rules = [asks('metadata.before'), fells, asks('metadata.after'), asks('metadata.last')]
    const report = await runConformance(target, { rules, concurrency: 1, goneAfterMs: 1 })
    expect(report).toMatchObject({ passed: 1, failed: 1, stopped: { notRun: 2 } })
    expect(report.stopped?.why).toMatch(/^the target is gone: cannot connect to .*ECONNREFUSED/)
    const text = 'Ended early: the target is gone'
    expect(formatReport(report, 'text')).toContain(text)
    expect(formatReport(report, 'html')).toContain(text)
    expect(formatReport(report, 'junit')).toMatch(/errors="1".*\n.*<error message="Ended early/s)
    expect(JSON.parse(formatReport(report, 'json'))).toMatchObject({ stopped: { notRun: 2 } })
  })

  it('that is asked to stop begins nothing more, and lets what runs clean up', async () => {
    const broker = await startBroker()
    onTestFinished(() => broker.close())
    const wish = new AbortController()
    let isClean = false
    const stops = named('metadata.stops', async (t) => {
      t.cleanUp(async () => {
        await t.client.ask(Metadata, { topics: [] })
        isClean = true
      })
      wish.abort()
      t.expect(await t.client.ask(Metadata, { topics: [] }), { topics: [] })
    })
    const target = { name: 'stays', address: broker.bootstrapServers }
    const rules = [stops, asks('metadata.after')]
    const report = await runConformance(target, { rules, concurrency: 1, signal: wish.signal })
    expect(report).toMatchObject({ passed: 1, failed: 0 })
    expect(report.stopped).toEqual({ why: 'it was asked to stop', notRun: 1 })
    expect(isClean).toBe(true)
  })

  it('leaves no topics and no groups behind', async () => {
    const broker = await startBroker()
    onTestFinished(() => broker.close())
    const leaves = named('metadata.leaves', async (t) => {
      const { name, id } = await createTopic(t)
      const groupId = t.name('group')
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }]
      const client = await t.coordinator(groupId)
      await client.ask(OffsetCommit, { groupId, topics: [{ name, topicId: id, partitions }] })
    })
    const counts: number[] = []
    const looks = named('metadata.looks', async (t) => {
      const { topics } = await t.client.ask(Metadata, { topics: null })
      const { groups } = await t.client.ask(ListGroups, { statesFilter: [], typesFilter: [] })
      const ours = [...topics.map(({ name }) => name), ...groups.map(({ groupId }) => groupId)]
      counts.push(ours.filter((name) => name?.startsWith('conformance-')).length)
    })
    const target = { name: 'swept', address: broker.bootstrapServers }
    for (const rules of [[leaves, looks], [looks]]) {
      expect(await runConformance(target, { rules, concurrency: 1 })).toMatchObject({ failed: 0 })
    }
    expect(counts).toEqual([2, 0])
  })

  it('does not begin with a target that takes connections and says nothing', async () => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const run = runConformance({ name: 'silent', address }, { deadlineMs: 20 })
    await expect(run).rejects.toThrow(
      `${address} takes connections but does not answer as a broker of Kafka does, in plain text: Waiting for ApiVersions v0: nothing in 20 ms.`,
    )
  })

  it('does not begin with a listener that wants a login', async () => {
    const listeners = [{ protocol: 'SASL_PLAINTEXT' as const, host: '127.0.0.1', port: 0 }]
    const users = [{ name: 'alice', password: 'secret' }]
    const broker = await startBroker({ listeners, users })
    onTestFinished(() => broker.close())
    const run = runConformance({ name: 'closed', address: broker.bootstrapServers })
    await expect(run).rejects.toThrow(
      'tells its versions and no more. Waiting for Metadata v13: the broker closed the connection. Does it want a login with SASL?',
    )
  })
})
