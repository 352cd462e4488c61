import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from './requires.js'
import { run } from './run.js'

/** A program that fetches one small jar and prints what it got. */
const PROGRAM = `
const { fetchJars } = await import(${JSON.stringify(new URL('./maven.ts', import.meta.url).href)})
const artifact = { groupId: 'org.slf4j', artifactId: 'slf4j-api', version: '1.7.36' }
console.log(JSON.stringify((await fetchJars('one', [artifact])).files))
`

describe.runIf(requires('java', 'maven'))('fetchJars', () => {
  test('several processes at once get the same whole folder, and nothing is left beside it', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'ottla-cache-'))
    try {
      const env = { ...process.env, OTTLA_CACHE: cache }
      const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM]
      const cwd = join(import.meta.dirname, '..', '..', '..')
      const outputs = await Promise.all(
        [1, 2, 3].map(() => run(process.execPath, args, { env, cwd })),
      )
      for (const { stdout } of outputs) expect(stdout.trim()).toBe('["slf4j-api-1.7.36.jar"]')
      expect(await readdir(cache)).toEqual(['jars'])
      expect(await readdir(join(cache, 'jars'))).toHaveLength(1)
    } finally {
      await rm(cache, { recursive: true, force: true })
    }
  })
})
