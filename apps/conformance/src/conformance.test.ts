import { startBroker } from '@ottla/broker'
import { Metadata } from '@ottla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rules as metadata } from './cases/metadata.js'
import {
  allRules,
  formatReport,
  type RunReport,
  rule,
  runConformance,
  runFaults,
  type Target,
} from './index.js'
import { describeFailure } from './report/describe-failure.js'

describe('on our broker', () => {
  let broker: Awaited<ReturnType<typeof startBroker>>
  let address: string
  beforeAll(async () => {
    broker = await startBroker()
    address = broker.bootstrapServers
  })
  afterAll(() => broker?.close())

  const judge = (options: Parameters<typeof runConformance>[1]): Promise<RunReport> =>
    runConformance({ name: 'ottla', address, provides: ['auto-create-topics'] }, options)

  const failuresOf = ({ results }: RunReport) => results.filter(({ status }) => status === 'failed')

  it('follows every rule for what it advertises, in any order', async () => {
    const report = await judge({ order: 'random', versions: 'newest', asksAgain: true })
    const { seed, askedAgain } = report
    if (askedAgain.length > 0)
      console.warn(`seed ${seed}, asked again: ${askedAgain.map(describeFailure).join('\n')}`)
    expect(failuresOf(report).map(describeFailure), `seed ${seed}`).toEqual([])
    expect(report.passed).toBeGreaterThan(700)
  }, 480_000)

  it('asks a rule that failed once more where that is wanted, and counts the second answer', async () => {
    let runs = 0
    const late = rule({
      ...(metadata[0] as (typeof metadata)[number]),
      versions: 'newest',
      run: async (t) => t.equal(++runs > 1, true, 'the second answer'),
    })
    expect(await judge({ rules: [late] })).toMatchObject({ passed: 0, failed: 1, askedAgain: [] })
    runs = 0
    const report = await judge({ rules: [late], asksAgain: true })
    expect(report).toMatchObject({ passed: 1, failed: 0, askedAgain: [{ status: 'failed' }] })
    const wrong = rule({ ...late, run: async (t) => t.equal(false, true, 'any answer') })
    expect(await judge({ rules: [wrong], asksAgain: true })).toMatchObject({ passed: 0, failed: 1 })
  })

  it('reports a broken rule with its source and both answers, in every form', async () => {
    const broken = rule({
      ...(metadata[0] as (typeof metadata)[number]),
      versions: 'newest',
      run: async (t) => {
        t.expect(await t.client.ask(Metadata, { topics: [] }), { controllerId: 77 })
      },
    })
    const report = await judge({ rules: [broken] })
    expect(report).toMatchObject({ passed: 0, failed: 1, skipped: 0 })
    const text = formatReport(report, 'text')
    expect(text).toContain(broken.source)
    expect(text).toMatch(/controllerId\n +expected: 77\n +actual: +1\n/)
    expect(text.trimEnd()).toMatch(/\n0 passed, 1 failed, 0 skipped$/)
    expect(JSON.parse(formatReport(report, 'json'))).toMatchObject({ failed: 1 })
    expect(formatReport(report, 'junit')).toContain('<failure message=')
    expect(formatReport(report, 'html')).toContain(broken.id)
  })

  it('skips a known deviation with its reason, and reports one that is none any more', async () => {
    const [one] = metadata
    if (one === undefined) throw new Error('there are rules')
    const breaks = {
      ...one,
      versions: 'newest' as const,
      run: () => Promise.reject(new Error('x')),
    }
    const deviations = [{ rule: one.id, reason: 'known' }]
    expect(await judge({ rules: [breaks], deviations })).toMatchObject({ failed: 0, skipped: 1 })
    const keeps = { ...breaks, run: () => Promise.resolve() }
    expect(await judge({ rules: [keeps], deviations })).toMatchObject({ passed: 0, failed: 1 })
    const sometimes = [{ rule: one.id, reason: 'known', sometimes: true as const }]
    expect(await judge({ rules: [keeps], deviations: sometimes })).toMatchObject({ passed: 1 })
  })

  it('catches what a proxy breaks, and names what it does not', async () => {
    const target = { name: 'ottla', address }
    const report = await runFaults(target, { rules: metadata, only: ['metadata.known-topic'] })
    expect(report.injected).toBeGreaterThan(10)
    const survivors = report.rules.flatMap((one) => one.survivors)
    expect(survivors, `seed ${report.seed}`).toEqual([])
  })

  it('lets a rule kill a node once, and puts faults into what was answered then', async () => {
    let kills = 0
    const done = async () => undefined
    const node = { start: done, pause: () => undefined, resume: () => undefined }
    const nodes = new Map([[1, { ...node, kill: async () => void kills++ }]])
    const losing = rule({
      ...(metadata[0] as (typeof metadata)[number]),
      versions: 'newest',
      needs: ['nodes-can-be-stopped'],
      run: async (t) => {
        await t.target.controls?.nodes?.get(1)?.kill()
        const request = { topics: [], allowAutoTopicCreation: false }
        const seen = await t.until('a node', async () => {
          const { brokers } = await t.client.ask(Metadata, request)
          return brokers.length > 0 && brokers
        })
        t.equal(seen.length, 1, 'number of nodes')
        t.expect(await t.client.ask(Metadata, request), { controllerId: 1, topics: [] })
      },
    })
    const provides = ['nodes-can-be-stopped'] as const
    const target: Target = { name: 'ottla', address, provides, controls: { nodes } }
    const { rules, injected, caught } = await runFaults(target, { rules: [losing] })
    expect(rules.map(({ unusable, survivors }) => ({ unusable, survivors }))).toEqual([
      { unusable: undefined, survivors: [] },
    ])
    expect(rules[0]?.isPlayedBack).toBe(true)
    expect(injected).toBeGreaterThan(3)
    expect({ caught, kills }).toEqual({ caught: injected, kills: 1 })
  })
})

describe('the rules', () => {
  it('have ids, sentences and sources of their own', () => {
    const rules = allRules()
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
    for (const { id, says, source } of rules) {
      expect(id).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/)
      expect(says, id).toMatch(/^[A-Za-z].*\.$/s)
      expect(source, id).toMatch(/KIP-\d+|https:\/\/(kafka|cwiki|issues)\.apache\.org\//)
    }
  })
})
