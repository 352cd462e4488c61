import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ApacheKafka, startApacheKafka } from './apache-kafka.js'
import { CURRENT_RELEASE, LAST_3_RELEASE } from './jar-sets.js'
import { requires } from './requires.js'

async function produce(kafka: ApacheKafka, lines: readonly string[]): Promise<void> {
  await kafka.tool('console-producer', ['--topic', 'lines'], { input: `${lines.join('\n')}\n` })
}

async function consume(kafka: ApacheKafka, count: number): Promise<string[]> {
  const args = ['--topic', 'lines', '--from-beginning', '--max-messages', String(count)]
  const { stdout } = await kafka.tool('console-consumer', args)
  return stdout.trimEnd().split('\n')
}

describe.runIf(requires('java', 'maven'))('Apache Kafka on a string', () => {
  test.each([CURRENT_RELEASE, LAST_3_RELEASE])(
    '%s keeps records over kill and restart',
    async (version) => {
      const kafka = await startApacheKafka({ version })
      try {
        await produce(kafka, ['one', 'two'])
        await kafka.kill()
        await kafka.restart()
        expect(await consume(kafka, 2)).toEqual(['one', 'two'])
      } finally {
        await kafka.remove()
      }
      expect(existsSync(kafka.dataDirs[0] as string)).toBe(false)
    },
  )

  test('three nodes serve on when one is killed, and take it back', async () => {
    const kafka = await startApacheKafka({ nodes: 3 })
    try {
      await produce(kafka, ['one'])
      await kafka.nodes[2]?.kill()
      await produce(kafka, ['two'])
      await kafka.nodes[2]?.start()
      expect((await consume(kafka, 2)).sort()).toEqual(['one', 'two'])
    } finally {
      await kafka.remove()
    }
  })

  test('a cluster that cannot be made leaves no folder', async () => {
    const parentFolder = await mkdtemp(join(tmpdir(), 'ottla-kafka-parent-'))
    try {
      const configs = { 'process.roles': 'nothing' }
      await expect(startApacheKafka({ parentFolder, configs })).rejects.toThrow('process.roles')
      expect(await readdir(parentFolder)).toEqual([])
    } finally {
      await rm(parentFolder, { recursive: true, force: true })
    }
  })

  test('a node that does not come back can be started again, on its data', async () => {
    const kafka = await startApacheKafka()
    try {
      await produce(kafka, ['one'])
      await kafka.kill()
      const properties = join(kafka.dataDirs[0] as string, '..', 'server-1.properties')
      const text = await readFile(properties, 'utf8')
      await writeFile(properties, text.replace(/^process\.roles=.*$/m, 'process.roles=nothing'))
      await expect(kafka.nodes[0]?.start()).rejects.toThrow('process.roles')
      await writeFile(properties, text)
      await kafka.nodes[0]?.start()
      expect(await consume(kafka, 1)).toEqual(['one'])
    } finally {
      await kafka.remove()
    }
  })
})
