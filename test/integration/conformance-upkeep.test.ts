import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { allRules, type Deviation, type Result, type RunReport } from '@ottla/conformance'
import type { KafkaTarget } from '@ottla-test/apache-kafka'
import { conformanceTarget, deviationsOf } from '@ottla-test/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

describe('the list of known deviations after a run', () => {
  const [one, two] = allRules()
  if (one === undefined || two === undefined) throw new Error('there are rules')

  const result = (rest: Partial<Result>): Result => {
    return { rule: one, version: 1, status: 'passed', durationMs: 0, reads: [], ...rest }
  }
  const failed = (message: string) => {
    return { status: 'failed', failure: { message, notJudged: false, differences: [] } } as const
  }
  const outdated = (deviation: Deviation) => ({ ...failed('Listed as known'), outdated: deviation })
  const after = (known: readonly Deviation[], ...results: Result[]) => {
    const target = { name: 'ottla', address: '127.0.0.1:9092' }
    const sums = { passed: 0, failed: 0, skipped: 0, durationMs: 0, revivals: 0, askedAgain: [] }
    const report: RunReport = { target, release: '4.4', seed: 0, results, ...sums }
    return deviationsOf([{ name: 'plain', report }], known)
  }

  it('keeps entries as they are, with what happens now and then and what was not judged', () => {
    const link = 'https://issues.apache.org/jira/browse/KAFKA-1'
    const known: Deviation[] = [
      { rule: one.id, reason: 'rare', sometimes: true, link },
      { rule: two.id, reason: 'known', link },
    ]
    expect(after(known, result({}))).toEqual(known)
  })

  it('takes off what is followed by now, version by version', () => {
    const all = { rule: one.id, reason: 'known' }
    expect(after([all], result(outdated(all)))).toEqual([])
    const still = result({ version: 2, status: 'skipped', deviation: { ...all } })
    expect(after([all], result(outdated(all)), still)).toEqual([{ ...all, versions: [2] }])
    const some = { ...all, versions: [1, 2] }
    expect(after([some], result(outdated(some)))).toEqual([{ ...all, versions: [2] }])
  })

  it('adds what failed anew, at its versions', () => {
    const wrong = result(failed('wrong'))
    expect(after([], wrong)).toEqual([{ rule: one.id, reason: 'wrong' }])
    const added = { rule: one.id, reason: 'wrong', versions: [1] }
    expect(after([], wrong, result({ version: 2 }))).toEqual([added])
  })
})

describe('the revival of a cluster', () => {
  const server = createServer((socket) => socket.destroy())
  const gone = createServer()
  let addresses: string[] = []
  beforeAll(async () => {
    for (const each of [server, gone]) await once(each.listen(0, '127.0.0.1'), 'listening')
    addresses = [server, gone].map((each) => `127.0.0.1:${(each.address() as AddressInfo).port}`)
    await once(gone.close(), 'close')
  })
  afterAll(() => void server.close())

  /** A cluster of these nodes; each look at its processes takes the next list, and the last for good. */
  function revived(nodes: readonly string[], ...looks: number[][]) {
    let restarts = 0
    const target: KafkaTarget = {
      ...{ name: 'ottla', release: '4.4', provides: [], bootstrapServers: nodes.join(',') },
      ...{ listeners: {}, users: [], certificates: undefined, dataDirs: [] },
      get pids() {
        return (looks.length > 1 ? looks.shift() : looks[0]) ?? []
      },
      stop: () => Promise.resolve(),
      kill: () => Promise.resolve(),
      restart: () => Promise.resolve(void restarts++),
      remove: () => Promise.resolve(),
    }
    return conformanceTarget(target)
      .controls?.revive?.()
      .then((was) => ({ was, restarts }))
  }

  it('does nothing while every node stands', async () => {
    const [up = ''] = addresses
    expect(await revived([up], [1])).toEqual({ was: false, restarts: 0 })
  })

  it('starts it again when one node of several is gone, or is going', async () => {
    expect(await revived(addresses, [1])).toEqual({ was: true, restarts: 1 })
    expect(await revived(addresses, [1, 2], [1, 2], [1])).toEqual({ was: true, restarts: 1 })
  })
})
