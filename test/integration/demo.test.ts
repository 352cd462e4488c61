import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { runOttla, startOttla } from './src/ottla-command.js'

const quick = ['demo', '--once', '--fast', '--rows', '9000']

/** Processes started by `pid`, as the system lists them. */
function childrenOf(pid: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([own]) => own as number)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  const socket = connect(Number(port), host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('ottla demo', () => {
  it('proves that every row arrived once and in order', async () => {
    const { status, output } = await runOttla([...quick, '--listen', '127.0.0.1:0'])
    expect(output).toMatch(/every row exactly once +yes/)
    expect(output).toMatch(/member-4 joins[\s\S]*member-2 leaves/)
    expect(output).toContain('Proven in')
    expect(status).toBe(0)
  })

  it('says that a port is taken and uses another', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const { status, output } = await runOttla([...quick, '--listen', `127.0.0.1:${port}`])
    expect(output).toContain(`127.0.0.1:${port} is taken`)
    expect(status).toBe(0)
    holder.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('stops every process at %s', async (signal) => {
    const demo = startOttla(['demo', '--listen', '127.0.0.1:0', '--rate', '1000'])
    await demo.printed(/out [1-9]/)
    const children = childrenOf(demo.child.pid as number)
    expect(children.length).toBeGreaterThanOrEqual(5)
    demo.child.kill(signal)
    expect(await demo.ended).toBe(130)
    expect(children.filter(isRunning)).toEqual([])
  })

  it('leaves a broker to talk to, until it is told to stop', async () => {
    const demo = startOttla(['demo', '--fast', '--rows', '3000', '--listen', '127.0.0.1:0'])
    const address = (await demo.printed(/still serves at (\S+)\. /))[1] as string
    const { output } = await runOttla([
      'consume',
      'flights',
      '-b',
      address,
      '--from-beginning',
      '-n',
      '1',
    ])
    expect(JSON.parse(output)).toHaveProperty('origin')
    demo.child.kill('SIGTERM')
    expect(await demo.ended).toBe(0)
    expect(await answers(address)).toBe(false)
  })
})
