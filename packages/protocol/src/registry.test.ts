import { expect, test } from 'vitest'
import { currentIndex, INDEXED_FOLDERS, indexText } from '../scripts/write-indexes.js'
import { apiByKey, apis, messageType, messageTypes } from './registry.js'

test.each(INDEXED_FOLDERS)('the index of %s is the one that the script writes', (folder) => {
  expect(currentIndex(folder)).toBe(indexText(folder))
})

test('holds every API once, keys 0 to 94', () => {
  expect(apis.map(({ key }) => key)).toEqual(Array.from({ length: 95 }, (_, key) => key))
  for (const api of apis) {
    expect([api.request.kind, api.response.kind]).toEqual(['request', 'response'])
    expect([api.request.name, api.response.name]).toEqual([
      `${api.name}Request`,
      `${api.name}Response`,
    ])
    expect([api.request.apiKey, api.response.apiKey]).toEqual([api.key, api.key])
    expect(api.response.versions).toEqual(api.request.versions)
  }
})

test('finds messages by name and APIs by key', () => {
  expect(messageType('FetchResponse')).toBe(apiByKey(1)?.response)
  expect(messageType('PartitionRecord')?.kind).toBe('metadata')
  expect(messageType('Nonsense')).toBeUndefined()
  expect(apiByKey(95)).toBeUndefined()
  expect(new Set(messageTypes().map(({ name }) => name)).size).toBe(messageTypes().length)
})
