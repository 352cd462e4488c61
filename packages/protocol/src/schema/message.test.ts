import { describe, expect, test } from 'vitest'
import { UnsupportedVersionError, WireError } from '../errors.js'
import {
  array,
  bytes,
  field,
  int8,
  int32,
  int64,
  message,
  notCompact,
  nullable,
  records,
  string,
  struct,
  uuid,
} from './index.js'

const Leader = struct({
  id: field('0+', int32, { default: -1 }),
  epoch: field('0+', int32, { default: -1 }),
})

const Sample = message({
  name: 'SampleRequest',
  apiKey: 999,
  versions: '1-4',
  flexible: '3+',
  shape: {
    name: field('0+', string),
    count: field('2+', int64, { default: 7n }),
    note: field('2+', nullable(string, '4+'), { ignorable: true }),
    items: field('0+', array(struct({ ids: field('0+', array(int32)) }))),
    leader: field('3+', Leader, { tag: 0 }),
    witness: field('4+', nullable(Leader), { tag: 5, default: null }),
    backup: field('4+', nullable(Leader), { default: null }),
    blob: field('4+', nullable(records)),
  },
})

const minimal = { name: 'n', items: [] }

function failure(run: () => unknown): WireError {
  try {
    run()
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

describe('encoding', () => {
  test('writes the fields of the version, compact where flexible', () => {
    expect(hex(Sample.at(1).encode({ ...minimal, items: [{ ids: [1, 2] }] }))).toBe(
      '00016e00000001000000020000000100000002',
    )
    expect(hex(Sample.at(2).encode(minimal))).toBe('00016e0000000000000007000000000000')
    expect(hex(Sample.at(3).encode(minimal))).toBe('026e0000000000000007010100')
    expect(hex(Sample.at(4).encode(minimal))).toBe('026e00000000000000070101ff0000')
  })

  test('leaves tagged fields at their default out and writes the others in the order of tags', () => {
    const value = {
      ...minimal,
      leader: { id: 1 },
      witness: {},
      unknownTaggedFields: [{ tag: 2, data: new Uint8Array([9]) }],
    }
    const tail = '03' + '0009' + '00000001ffffffff00' + '020109' + '050a01' + 'ffffffffffffffff00'
    expect(hex(Sample.at(4).encode(value))).toBe(`026e00000000000000070101ff00${tail}`)
    const decoded = Sample.at(4).decode(Sample.at(4).encode(value))
    expect(decoded.leader).toEqual({ id: 1, epoch: -1 })
    expect(decoded.witness).toEqual({ id: -1, epoch: -1 })
    expect(decoded.unknownTaggedFields).toEqual(value.unknownTaggedFields)
  })

  test('refuses a value in a version without its field, unless it is the default or the field ignorable', () => {
    expect(failure(() => Sample.at(1).encode({ ...minimal, count: 8n }))).toMatchObject({
      code: 'OTTLA_WIRE',
      messageName: 'SampleRequest',
      version: 1,
      path: '/count',
    })
    expect(Sample.at(1).encode({ ...minimal, count: 7n, note: 'dropped' })).toHaveLength(7)
    expect(failure(() => Sample.at(2).encode({ ...minimal, leader: { id: 0 } })).path).toBe(
      '/leader',
    )
    const unknownTaggedFields = [{ tag: 9, data: new Uint8Array(1) }]
    expect(failure(() => Sample.at(2).encode({ ...minimal, unknownTaggedFields })).path).toBe(
      '/unknownTaggedFields',
    )
  })

  test.each<[string, number, object, string, string]>([
    ['a missing field', 1, { items: [] }, '/name', 'required field is missing'],
    ['a wrong type', 1, { name: 5, items: [] }, '/name', 'expected a string, got 5'],
    ['a list that is none', 1, { name: '', items: {} }, '/items', 'expected an array'],
    [
      'an element that is null',
      1,
      { name: '', items: [null] },
      '/items/0',
      'expected an object, got null',
    ],
    [
      'a number out of range',
      1,
      { name: '', items: [{ ids: [1, 2 ** 31] }] },
      '/items/0/ids/1',
      'expected an int32',
    ],
    [
      'a number for a bigint',
      2,
      { ...minimal, count: 1 },
      '/count',
      'expected an int64 as a bigint',
    ],
    ['a null before its versions', 3, { ...minimal, note: null }, '/note', 'null is not allowed'],
    [
      'a taken tag',
      4,
      { ...minimal, unknownTaggedFields: [{ tag: 5, data: new Uint8Array(0) }] },
      '/unknownTaggedFields',
      'tag 5 is taken',
    ],
    [
      'tags that are none',
      4,
      { ...minimal, unknownTaggedFields: [{ tag: -1 }] },
      '/unknownTaggedFields',
      'expected { tag',
    ],
  ])('refuses %s and says where', (_, version, value, path, text) => {
    const error = failure(() => Sample.at(version).encode(value as typeof minimal))
    expect(error).toMatchObject({ messageName: 'SampleRequest', version, path })
    expect(error.message).toContain(text)
    expect(error.message).toContain(`SampleRequest v${version}, at ${path}`)
  })

  test('is refused for a version that the message lacks', () => {
    expect(() => Sample.at(5)).toThrow(UnsupportedVersionError)
    expect(() => Sample.at(0)).toThrow('SampleRequest has versions 1 to 4, not 0')
    expect(() => Sample.at(1.5)).toThrow(UnsupportedVersionError)
  })

  test('works again after a failure', () => {
    failure(() => Sample.at(1).encode({ name: 'half', items: [{ ids: [1.5] }] }))
    expect(Sample.at(1).encode(minimal)).toHaveLength(7)
  })
})

describe('decoding', () => {
  const decode = (version: number, text: string) =>
    Sample.at(version).decode(Buffer.from(text, 'hex'))

  test('fills in what the version lacks, fresh for each message', () => {
    const one = decode(1, '00016e00000000')
    const two = decode(1, '00016e00000000')
    expect(one).toEqual({
      name: 'n',
      count: 7n,
      note: '',
      items: [],
      leader: { id: -1, epoch: -1 },
      witness: null,
      backup: null,
      blob: null,
    })
    expect(one.leader).not.toBe(two.leader)
    expect(Object.getPrototypeOf(one)).toBe(Object.prototype)
  })

  test('accepts a tagged field that holds its default', () => {
    expect(decode(3, '026e0000000000000007010101' + '0009ffffffffffffffff00').leader.id).toBe(-1)
  })

  test.each([
    ['bytes left over', 1, '00016e0000000001', '/', 7, '1 bytes after the message'],
    [
      'a null before its versions',
      3,
      '026e00000000000000070001',
      '/note',
      10,
      'null is not allowed',
    ],
    ['a negative length', 1, 'fffe', '/name', 0, 'negative length -2'],
    ['a negative count', 1, '00016efffffffe', '/items', 3, 'negative count -2'],
    ['more elements than bytes', 1, '00016e7fffffff', '/items', 7, 'array of 2147483647 elements'],
    [
      'more numbers than bytes',
      1,
      '00016e000000017fffffff',
      '/items/0/ids',
      11,
      'array of 2147483647',
    ],
    ['a tag twice', 3, '026e000000000000000701010209000900', '/', 15, 'tagged field 9 after 9'],
    [
      'a tagged field of another size',
      3,
      '026e0000000000000007010101000affffffffffffffff0000',
      '/leader',
      24,
      '1 bytes after the value',
    ],
    [
      'a tagged field beyond the end',
      3,
      '026e0000000000000007010101007f',
      '/leader',
      15,
      'tagged field of 127 bytes',
    ],
    [
      'more tagged fields than bytes',
      3,
      '026e0000000000000007010109',
      '/',
      13,
      'array of 9 elements',
    ],
  ])('refuses %s', (_, version, text, path, offset, message) => {
    const error = failure(() => decode(version, text))
    expect(error).toMatchObject({ messageName: 'SampleRequest', version, path, offset })
    expect(error.message).toContain(message)
  })

  test('bounds the count of elements that take no bytes', () => {
    const Empty = message({
      name: 'Empty',
      versions: '0',
      flexible: 'none',
      shape: { list: field('0+', array(struct({}))) },
    })
    expect(Empty.at(0).decode(Buffer.from('00000000', 'hex'))).toEqual({ list: [] })
    expect(failure(() => Empty.at(0).decode(Buffer.from('7fffffff', 'hex'))).path).toBe('/list')
  })

  test('returns byte fields as views of the input', () => {
    const Blob = message({
      name: 'Blob',
      versions: '0',
      flexible: 'none',
      shape: { data: field('0+', bytes) },
    })
    const input = new Uint8Array([0, 0, 0, 2, 5, 6])
    const { data } = Blob.at(0).decode(input)
    input[4] = 9
    expect([...data]).toEqual([9, 6])
  })
})

describe('a message type', () => {
  test('says what it is', () => {
    expect(Sample).toMatchObject({
      name: 'SampleRequest',
      kind: 'request',
      apiKey: 999,
      versions: { min: 1, max: 4 },
      latestVersionUnstable: false,
    })
    expect([2, 3, 4].map(Sample.flexible)).toEqual([false, true, true])
    expect(Object.keys(Sample.schema.shape)).toContain('witness')
    expect(Sample.schema.shape.witness).toMatchObject({ tag: 5, default: null, versions: '4+' })
    expect(Sample.at(2)).toBe(Sample.at(2))
  })

  test('keeps a field out of the compact encoding', () => {
    const Header = message({
      name: 'SampleHeader',
      versions: '0',
      flexible: '0+',
      shape: { id: field('0+', notCompact(nullable(string))), key: field('0+', int8) },
    })
    expect(hex(Header.at(0).encode({ id: 'a', key: 1 }))).toBe('0001610100')
  })

  test('takes uuids in either case and gives them in lower case', () => {
    const Id = message({
      name: 'Id',
      versions: '0',
      flexible: 'none',
      shape: { id: field('0+', uuid) },
    })
    const id = 'ABCDEF01-2345-6789-abcd-ef0123456789'
    expect(Id.at(0).decode(Id.at(0).encode({ id })).id).toBe(id.toLowerCase())
  })
})
