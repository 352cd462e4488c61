import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Admin } from '@ottla/admin'
import { afterEach, describe, expect, it } from 'vitest'
import { type Command, runOttla, startOttla } from './src/ottla-command.js'

const certificates = new URL('../../packages/network/test/certificates/fixtures/', import.meta.url)
const file = (name: string): string => fileURLToPath(new URL(`${name}.pem`, certificates))

describe('ottla broker', () => {
  const running: Command[] = []

  afterEach(async () => {
    for (const command of running.splice(0)) {
      command.child.kill('SIGTERM')
      expect(await command.ended).toBe(0)
    }
  })

  const start = (...args: string[]): Command => {
    const command = startOttla(['broker', ...args])
    running.push(command)
    return command
  }

  it('serves several listeners with TLS and users, and clients of each are sent to their own', async () => {
    const broker = start(
      ...['--listen', 'PLAINTEXT://127.0.0.1:0', '--listen', 'SASL_SSL://127.0.0.1:0'],
      ...['--advertise', 'SASL_SSL://localhost:0', '--user', 'alice:secret', '--verbose'],
      ...['--tls-key', file('server-key'), '--tls-cert', file('server')],
    )
    const address = (await broker.printed(/SASL_SSL\) for clients at (localhost:\d+)\n/))[1] ?? ''
    await broker.printed(/^ready 127\.0\.0\.1:\d+$/m)
    const admin = new Admin({
      bootstrapServers: address,
      tls: { ca: readFileSync(file('ca'), 'utf8') },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'alice', password: 'secret' },
    })
    const { brokers } = await admin.describeCluster()
    expect(brokers.map(({ host, port }) => `${host}:${port}`)).toEqual([address])
    await admin.close()
  })

  it('tells on standard error why it ended a connection, once', async () => {
    const broker = start('--listen', '127.0.0.1:0')
    const port = Number((await broker.printed(/^ready 127\.0\.0\.1:(\d+)\n/))[1])
    for (let visit = 0; visit < 3; visit += 1) {
      await new Promise<void>((resolve) => {
        const visitor = connectTcp(port, '127.0.0.1', () => visitor.write('GET / HTTP/1.1\r\n\r\n'))
        visitor.on('error', () => {})
        visitor.once('close', () => resolve())
      })
    }
    const silent = connectTcp(port, '127.0.0.1', () => silent.destroy())
    await new Promise((resolve) => silent.once('close', resolve))
    const lines = broker.output().trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^connection from 127\.0\.0\.1:\d+ ended: .*does not speak Kafka/)
  })

  it('says in a line what keeps it from starting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ottla-cli-broker-'))
    const path = join(folder, 'file')
    writeFileSync(path, '')
    const cases: readonly (readonly [string[], RegExp])[] = [
      [['--data-dir', path], /it is a file, not a directory/],
      [
        ['--listen', 'SSL://127.0.0.1:0'],
        /has no key and certificate: give --tls-key and --tls-cert/,
      ],
      [['--listen', 'SASL_SSL://127.0.0.1:0', '--tls-key', path], /give --tls-key and --tls-cert/],
      [['--listen', '127.0.0.1:0', '--user', 'alice:secret'], /no listener asks for them/],
      [['--listen', 'nowhere'], /nowhere/],
      [['--release', '1.0'], /release must be one of/],
      [['--user', 'alice'], /--user must be name:password/],
      [['--config', 'no.such=1'], /does not act on the config no.such/],
      [['--advertise', '0.0.0.0:9092', '--listen', '127.0.0.1:0'], /cannot connect to the address/],
    ]
    for (const [args, message] of cases) {
      const { status, output } = await runOttla(['broker', ...args])
      expect(status).toBe(1)
      expect(output).toMatch(message)
      expect(output).not.toMatch(/\n\s+at /)
    }
    rmSync(folder, { recursive: true, force: true })
  })
})
