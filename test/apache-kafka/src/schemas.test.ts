import { expect, test } from 'vitest'
import { parseSchema, versionsOf } from './schemas.js'

test('comments go, but not what looks like one inside a string', () => {
  const schema = parseSchema(`// Licensed to …
{ // the name
  "name": "A//B", "validVersions": "0", "listeners": ["\\"//"], // more
  "type": "data" }`)
  expect(schema).toEqual({ name: 'A//B', validVersions: '0', listeners: ['"//'], type: 'data' })
})

test('a default of null without quotes is none', () => {
  const schema = parseSchema(
    '{ "name": "X", "type": "data", "validVersions": "0", "fields": [{ "name": "A", "type": "string", "default": null }, { "name": "B", "type": "string", "default": "null" }] }',
  )
  expect(schema.fields?.map((field) => field.default)).toEqual([undefined, 'null'])
})

test('ranges of versions', () => {
  expect(versionsOf('3')).toEqual([3])
  expect(versionsOf('0-3')).toEqual([0, 1, 2, 3])
  expect(versionsOf('none')).toEqual([])
})
