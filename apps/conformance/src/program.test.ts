import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createProgram } from './program.js'

/** Runs the command in this process: its exit status and what it wrote. */
async function ottlaConformance(...options: string[]) {
  const before = process.exitCode
  const streams = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      streams[name] += String(text)
      return true
    }),
  )
  const program = createProgram().exitOverride()
  try {
    process.exitCode = undefined
    await program.parseAsync(options, { from: 'user' })
    return { ...streams, status: process.exitCode }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.exitCode = before
  }
}

describe('the command', () => {
  let broker: Awaited<ReturnType<typeof startBroker>>
  let folder: string
  let where: string[]
  beforeAll(async () => {
    broker = await startBroker()
    folder = mkdtempSync(join(tmpdir(), 'ottla-conformance-'))
    where = ['--bootstrap', broker.bootstrapServers]
  })
  afterAll(async () => {
    await broker?.close()
    rmSync(folder, { recursive: true })
  })

  const file = (name: string, value: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(value))
    return path
  }

  it('says what it is about to do, and passes', async () => {
    const only = ['--only', 'metadata.known-topic', '--versions', 'newest']
    const { stdout, stderr, status } = await ottlaConformance(...where, ...only)
    expect(status).toBe(0)
    expect(stderr).toMatch(/held to release 4\.\d, the nearest: 1 executions, 0 rules skipped/)
    expect(stdout.trimEnd()).toMatch(/\n1 passed, 0 failed, 0 skipped$/)
  })

  it('fails with status 1, and with a deviation of ones own skips', async () => {
    const only = ['--only', 'api-versions.advertises-share-fetch']
    const failed = await ottlaConformance(...where, '--release', '4.4', ...only)
    expect(failed.status).toBe(1)
    expect(failed.stdout).toMatch(/\nFailed:\n {2}api-versions\.advertises-share-fetch v/)
    const list = [{ rule: 'api-versions.advertises-*', reason: 'no share groups' }]
    const known = ['--deviations', file('known.json', list)]
    const skipped = await ottlaConformance(...where, '--release', '4.4', ...only, ...known)
    expect(skipped).toMatchObject({ status: 0 })
    expect(skipped.stdout).toContain('known deviation: no share groups')
    const wrong = ottlaConformance(...where, '--deviations', file('wrong.json', [{ rule: 'x' }]))
    await expect(wrong).rejects.toThrow('entry 0 needs a rule and a reason')
  })

  it('takes the target from a file, and what is said on the line before that', async () => {
    const target = file('target.json', {
      name: 'mine',
      address: 'nowhere.invalid:1',
      release: '4.1',
    })
    const only = ['--only', 'metadata.known-topic', '--versions', 'newest']
    const { stdout } = await ottlaConformance('--target', target, ...where, ...only)
    expect(stdout).toContain(`mine at ${broker.bootstrapServers}, held to release 4.1`)
  })

  it('refuses before the run what could not be told after it, or judged', async () => {
    const output = join(folder, 'no', 'report.xml')
    await expect(ottlaConformance(...where, '--output', output)).rejects.toThrow('ENOENT')
    const plain = ottlaConformance(...where, '--provides', 'sasl-plain')
    await expect(plain).rejects.toThrow("provides 'sasl-plain' needs a listener with SASL")
    await expect(ottlaConformance(...where, '--ca', 'x')).rejects.toThrow('--ca need --security')
    await expect(ottlaConformance(...where, '--concurrency', '0')).rejects.toThrow('above 0')
    const unknown = ottlaConformance(...where, '--only', 'nothing.at-all')
    await expect(unknown).rejects.toThrow('No rule is called nothing.at-all')
    const acls = await ottlaConformance(...where, '--only', 'describe-acls.created')
    expect(acls.status, 'nothing to judge').toBe(2)
  })

  it('writes a report to a file and the sums to the terminal', async () => {
    const output = join(folder, 'report.json')
    const only = ['--only', 'metadata.known-topic', '--versions', 'newest']
    const form = ['--report', 'json', '--output', output]
    const { stdout, stderr } = await ottlaConformance(...where, ...only, ...form)
    expect(stdout).toBe('')
    expect(stderr.trimEnd()).toMatch(/\n1 passed, 0 failed, 0 skipped$/)
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ passed: 1, results: [{}] })
  })

  it('lists the rules, for programs too, and explains what they need', async () => {
    const only = ['--only', 'describe-acls.']
    const { stdout } = await ottlaConformance('--list', ...only)
    expect(stdout).toMatch(/\ndescribe-acls\..*\n {2}.*\[needs acls\]\n {2}KIP-140/)
    const json = await ottlaConformance('--list', '--report', 'json', ...only)
    expect(JSON.parse(json.stdout)).toContainEqual(
      expect.objectContaining({
        id: 'describe-acls.created',
        needs: expect.arrayContaining(['acls']),
      }),
    )
    expect(createProgram().helpInformation()).toContain('--target <file>')
  })
})
