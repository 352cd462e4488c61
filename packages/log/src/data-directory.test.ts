import { expect, test } from 'vitest'
import {
  checkpointFiles,
  memoryStorage,
  readMetaProperties,
  readOffsetCheckpoint,
  readPartitionMetadata,
  takeCleanShutdown,
  writeCleanShutdown,
  writeMetaProperties,
  writeOffsetCheckpoint,
  writePartitionMetadata,
} from './index.js'

const uuid = '12345678-9abc-4def-8123-456789abcdef'
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

test('meta.properties is written and read, also as Kafka writes it', () => {
  const storage = memoryStorage()
  expect(readMetaProperties(storage)).toBeUndefined()
  const properties = { clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', nodeId: 3, directoryId: uuid }
  writeMetaProperties(storage, properties)
  expect(readMetaProperties(storage)).toEqual(properties)
  const lines = text(storage.readAll('meta.properties')).trim().split('\n').sort()
  storage.writeAll('meta.properties', `#\n#Sun Nov 22 10:00:00 UTC 2026\n${lines.join('\n')}\n`)
  expect(readMetaProperties(storage)).toEqual(properties)
})

test.each([
  ['version=0\ncluster.id=a\nnode.id=1\n', /version 0/],
  ['version=1\nnode.id=1\n', /lacks cluster.id/],
  ['version=1\ncluster.id=a\nnode.id=x\n', /node.id x/],
])('meta.properties that cannot be used says why: %j', (content, message) => {
  const storage = memoryStorage()
  storage.writeAll('meta.properties', content)
  expect(() => readMetaProperties(storage)).toThrow(message)
})

test('partition.metadata has the form Kafka writes', () => {
  const storage = memoryStorage()
  storage.makeDirectory('t-0')
  expect(readPartitionMetadata(storage, 't-0')).toBeUndefined()
  writePartitionMetadata(storage, 't-0', uuid)
  expect(text(storage.readAll('t-0/partition.metadata'))).toBe(
    'version: 0\ntopic_id: EjRWeJq8Te-BI0VniavN7w',
  )
  expect(readPartitionMetadata(storage, 't-0')).toBe(uuid)
})

test('checkpoints have the form Kafka writes', () => {
  const storage = memoryStorage()
  const path = checkpointFiles.replication
  expect(readOffsetCheckpoint(storage, path)).toEqual([])
  const offsets = [
    { topic: 'a', partition: 0, offset: 5 },
    { topic: 'b', partition: 12, offset: 0 },
  ]
  writeOffsetCheckpoint(storage, path, offsets)
  expect(text(storage.readAll(path))).toBe('0\n2\na 0 5\nb 12 0\n')
  expect(readOffsetCheckpoint(storage, path)).toEqual(offsets)
  for (const broken of ['1\n0\n', '0\n2\na 0 5\n', '0\n1\na 0 x\n']) {
    storage.writeAll(path, broken)
    expect(() => readOffsetCheckpoint(storage, path)).toThrow(path)
  }
})

test('the mark of a clean stop is taken once', () => {
  const storage = memoryStorage()
  expect(takeCleanShutdown(storage)).toBe(false)
  writeCleanShutdown(storage, 7)
  expect(text(storage.readAll('.kafka_cleanshutdown'))).toBe('{"version":0,"brokerEpoch":7}')
  expect(takeCleanShutdown(storage)).toBe(true)
  expect(takeCleanShutdown(storage)).toBe(false)
})
