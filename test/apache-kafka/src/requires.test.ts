import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllEnvs())

async function freshRequires(): Promise<typeof import('./requires.js')> {
  vi.resetModules()
  return import('./requires.js')
}

test('a machine without the tools is told what it needs', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  vi.stubEnv('CI', '')
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const { requires } = await freshRequires()
  expect(requires('java', 'maven')).toBe(false)
  expect(write).toHaveBeenCalledWith('skipped: needs Java 17 and Maven\n')
  write.mockRestore()
})

test('in CI that is a failure', async () => {
  vi.stubEnv('PATH', '/nonexistent')
  vi.stubEnv('CI', 'true')
  const { requires } = await freshRequires()
  expect(() => requires('kcat')).toThrow('This suite needs kcat; install it in CI.')
})
