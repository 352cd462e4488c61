import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Command, runOttla, startOttla } from './src/ottla-command.js'

describe('ottla', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ottla-cli-'))
  let broker: Command
  let address = ''

  async function start(): Promise<void> {
    broker = startOttla(['broker', '--listen', '127.0.0.1:0', '--data-dir', dataDir])
    address = (await broker.printed(/^ready (\S+)\n/))[1] as string
  }

  beforeAll(start)

  afterAll(async () => {
    broker.child.kill('SIGTERM')
    expect(await broker.ended).toBe(0)
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('creates, lists, describes and deletes topics', async () => {
    const at = ['--bootstrap-server', address]
    expect(await runOttla(['topics', 'create', 'a', 'b', '-p', '2', ...at])).toMatchObject({
      status: 0,
    })
    expect((await runOttla(['topics', 'list', ...at])).output).toBe('a\nb\n')
    expect((await runOttla(['topics', 'describe', 'a', ...at])).output).toMatch(/2 partitions/)
    expect(await runOttla(['topics', 'delete', 'b', ...at])).toMatchObject({ status: 0 })
    expect((await runOttla(['topics', 'list', ...at])).output).toBe('a\n')
  })

  it('says which topic cannot be created and why, and ends with status 1', async () => {
    const { status, output } = await runOttla(['topics', 'create', 'no/slash', '-b', address])
    expect(status).toBe(1)
    expect(output).toContain('no/slash')
  })

  it('produces lines and consumes them with key, value and headers', async () => {
    const produce = ['produce', 'lines', '-b', address, '-k', ':', '-H', 'from=test', '-z', 'gzip']
    expect((await runOttla(produce, 'k1:one\nk2:two\n')).status).toBe(0)
    const consume = ['consume', 'lines', '-b', address, '--from-beginning', '-n', '2', '-f', 'json']
    for (const group of [[], ['--group', 'readers']]) {
      const { status, output } = await runOttla([...consume, ...group])
      expect(status).toBe(0)
      const records = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(records.map(({ key, value }) => `${key}=${value}`).sort()).toEqual([
        'k1=one',
        'k2=two',
      ])
      expect(records[0].headers).toEqual([['from', 'test']])
    }
  })

  it('keeps topics and records over a restart', async () => {
    await runOttla(['produce', 'kept', '-b', address], 'still here\n')
    broker.child.kill('SIGTERM')
    expect(await broker.ended).toBe(0)
    await start()
    const { output } = await runOttla([
      'consume',
      'kept',
      '-b',
      address,
      '--from-beginning',
      '-n',
      '1',
    ])
    expect(output).toBe('still here\n')
  })

  it('does not make a topic of a mistyped name', async () => {
    const { status, output } = await runOttla(['consume', 'mistyped', '-b', address])
    expect(status).toBe(1)
    expect(output).toContain('mistyped')
    expect((await runOttla(['topics', 'list', '-b', address])).output).not.toContain('mistyped')
  })

  it('ends with status 1 and a message when the port is taken', async () => {
    const { status, output } = await runOttla(['broker', '--listen', address])
    expect(status).toBe(1)
    expect(output).toContain(address)
  })

  it('explains itself', async () => {
    expect((await runOttla(['--help'])).output).toContain('broker')
    const { status, output } = await runOttla(['broker', '--lisen', 'x'])
    expect(status).toBe(1)
    expect(output).toContain('--listen')
  })

  it('says which address does not answer', async () => {
    const closed = createServer()
    const port = await new Promise<number>((resolve) => {
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as { port: number }).port))
    })
    await new Promise((resolve) => closed.close(resolve))
    const { status, output } = await runOttla(['topics', 'list', '-b', `127.0.0.1:${port}`])
    expect(status).toBe(1)
    expect(output).toContain(`127.0.0.1:${port}`)
  })
})
