import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from './requires.js'
import { readVectors } from './vectors.js'
import { type VectorCounts, writeVectors } from './write-vectors.js'

const checkedIn = join(import.meta.dirname, '..', 'vectors')

test('the checked-in vectors cover 852 pairs of message and version', async () => {
  const pairs = new Set<string>()
  for (const { message, vectors } of await readVectors()) {
    for (const version of vectors.flatMap(({ versions }) => versions)) {
      pairs.add(`${message} v${version}`)
    }
  }
  expect(pairs.size).toBe(852)
})

describe.runIf(requires('java', 'maven'))('vectors written again by Kafka', () => {
  let folder: string
  let counts: VectorCounts

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ottla-vectors-again-'))
    counts = await writeVectors(folder)
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('cover every pair of the two releases', () => {
    expect(counts.pairs).toBe(852)
    expect(counts.messages).toBe(283)
  })

  test('are the same files', async () => {
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(
      (await readdir(checkedIn, { recursive: true })).sort(),
    )
  })

  test('have the same content', async () => {
    const different: string[] = []
    for (const entry of await readdir(checkedIn, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const again = path.replace(checkedIn, folder)
      if ((await readFile(path, 'utf8')) !== (await readFile(again, 'utf8'))) different.push(path)
    }
    expect(different).toEqual([])
  })
})
