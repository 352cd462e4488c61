import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Command, runOttla, startOttla } from './src/ottla-command.js'

const pem = (name: string): string =>
  fileURLToPath(
    new URL(`../../packages/network/test/certificates/fixtures/${name}.pem`, import.meta.url),
  )

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

  it('says that a mistyped topic does not exist, also when it was to end sooner', async () => {
    const args = ['consume', 'mistyped', '-b', address, '--idle-timeout-ms', '50']
    const { status, output } = await runOttla(args)
    expect(status).toBe(1)
    expect(output).toContain('mistyped')
    expect(output).not.toContain('    at ')
  })

  it('lists, describes and deletes groups', async () => {
    const at = ['-b', address]
    await runOttla(['produce', 'read', ...at], 'one\ntwo\nthree\n')
    const consume = ['consume', 'read', '--group', 'lagging', '--from-beginning', '-n', '2', ...at]
    expect((await runOttla(consume)).output).toBe('one\ntwo\n')
    expect((await runOttla(['groups', 'list', ...at])).output).toContain('lagging  Empty\n')
    const { output } = await runOttla(['groups', 'describe', 'lagging', ...at])
    expect(output).toBe('lagging  Empty\n  read-0  committed 2  end 3  lag 1\n')
    const member = startOttla(['consume', 'read', '--group', 'lagging', ...at])
    await member.printed(/three/)
    const busy = await runOttla(['groups', 'describe', 'lagging', ...at])
    expect(busy.output).toMatch(
      /^lagging {2}Stable {2}range\n {2}member ottla-cli-\S+ at \S+ {2}read-0\n/,
    )
    const refused = await runOttla(['groups', 'delete', 'lagging', ...at])
    expect(refused).toMatchObject({ status: 1, output: expect.stringContaining('NON_EMPTY_GROUP') })
    member.child.kill('SIGTERM')
    await member.ended
    const deleted = await runOttla(['groups', 'delete', 'lagging', ...at])
    expect(deleted).toMatchObject({ status: 0, output: 'deleted lagging\n' })
    const unknown = await runOttla(['groups', 'describe', 'lagging', ...at])
    expect(unknown).toMatchObject({ status: 1, output: expect.stringContaining('lagging') })
  })

  it('says for what a member of a group waits, and ends quietly when told to', async () => {
    const waiting = startOttla(['consume', 'later', '-b', address, '--group', 'early'])
    await waiting.printed(/later does not exist; waiting for it/)
    waiting.child.kill('SIGINT')
    expect(await waiting.ended).toBe(0)
    expect(waiting.output()).not.toContain('    at ')
  })

  it('says what it cannot reach while it tries on', async () => {
    const lost = await startBroker({ advertise: 'nowhere.invalid:0' })
    const { port } = lost.listeners[0] as { port: number }
    const producing = startOttla(['produce', 't', '-b', `127.0.0.1:${port}`], 'a line\n')
    await producing.printed(/nowhere\.invalid.*trying on/)
    producing.child.kill('SIGKILL')
    await producing.ended
    await lost.close()
  })

  it('logs in, over TLS', async () => {
    const tls = { key: readFileSync(pem('server-key'), 'utf8'), cert: readFileSync(pem('server')) }
    const users = [{ name: 'alice', password: 'se:cret' }]
    const secured = await startBroker({ listeners: [{ protocol: 'SASL_SSL', tls }], users })
    const at = ['-b', secured.bootstrapServers]
    const trusting = [...at, '--tls-ca', pem('ca')]
    const known = [...trusting, '--user', 'alice:se:cret']
    expect((await runOttla(['produce', 'safe', ...known], 'a line\n')).status).toBe(0)
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256']) {
      const consume = ['consume', 'safe', '-n', '1', '--from-beginning', ...known]
      const { output } = await runOttla([...consume, '--sasl-mechanism', mechanism])
      expect(output).toBe('a line\n')
    }
    const outcome = async (args: string[]) => (await runOttla(['topics', 'list', ...args])).output
    expect(await outcome([...trusting, '--user', 'alice:wrong'])).toContain('OTTLA_AUTHENTICATION]')
    expect(await outcome([...at, '--tls', '--user', 'alice:se:cret'])).toContain(
      'OTTLA_AUTHENTICATION_TLS',
    )
    expect(await outcome([...at, '--tls-ca', 'no-such-file'])).toContain('no-such-file')
    expect(await outcome(known)).toBe('safe\n')
    await secured.close()
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
