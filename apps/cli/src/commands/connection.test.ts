import { Command } from 'commander'
import { afterEach, expect, it, vi } from 'vitest'
import { addConnectionOptions, type ConnectionFlags, connectionOptions } from './connection.js'

/** What the clients are told by a command with these arguments. */
function read(...args: string[]) {
  const command = addConnectionOptions(new Command('test')).exitOverride()
  return connectionOptions(command.parse(args, { from: 'user' }).opts<ConnectionFlags>())
}

/** Everything that whoever runs the command may see of its failure. */
function failureOf(...args: string[]): string {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    read(...args)
  } catch (error) {
    return `${error instanceof Error ? error.message : error}${written.mock.calls.join('')}`
  } finally {
    written.mockRestore()
  }
  throw new Error('expected a failure')
}

afterEach(() => {
  vi.unstubAllEnvs()
})

it('takes empty variables for none', () => {
  vi.stubEnv('OTTLA_USER', '')
  vi.stubEnv('OTTLA_BOOTSTRAP', '')
  const options = read()
  expect(options.bootstrapServers).toBe('127.0.0.1:9092')
  expect(options.sasl).toBeUndefined()
})

it('reads variables where there are no flags', () => {
  vi.stubEnv('OTTLA_USER', 'alice:se:cret')
  vi.stubEnv('OTTLA_BOOTSTRAP', 'kafka:9092')
  expect(read()).toMatchObject({
    bootstrapServers: 'kafka:9092',
    sasl: { username: 'alice', password: 'se:cret' },
  })
  expect(read('-b', 'other:9092', '-u', 'bob:x')).toMatchObject({
    bootstrapServers: 'other:9092',
    sasl: { username: 'bob', password: 'x' },
  })
})

it('does not print what may be a password', () => {
  vi.stubEnv('OTTLA_USER', 'se-cret')
  expect(failureOf()).toContain('OTTLA_USER must be name:password')
  expect(failureOf()).not.toContain('se-cret')
  expect(failureOf('-u', 'hid-den')).toContain('--user must be name:password')
  expect(failureOf('-u', 'hid-den')).not.toContain('hid-den')
})
