import { describe, expect, it } from 'vitest'
import {
  bytes,
  float64,
  int32,
  int64,
  json,
  type Serde,
  type StandardSchema,
  utf8,
  uuid,
} from './index.js'

const context = { topic: 't', isKey: false, headers: [] }

const there = async <T>(serde: Serde<T>, data: T): Promise<Uint8Array> => {
  const out = await serde.serialize(data, context)
  return typeof out === 'string' ? Buffer.from(out) : (out as Uint8Array)
}

const back = async <T>(serde: Serde<T>, data: T): Promise<T> =>
  serde.deserialize(await there(serde, data), context)

describe('serdes', () => {
  it('give back what they were given', async () => {
    expect(await back(utf8, 'žluťoučký')).toBe('žluťoučký')
    expect(await back(bytes, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2))
    expect(await back(int32, -(2 ** 31))).toBe(-(2 ** 31))
    expect(await back(int64, -(2n ** 63n))).toBe(-(2n ** 63n))
    expect(await back(float64, Math.PI)).toBe(Math.PI)
    expect(await back(json<object>(), { a: [1, null] })).toEqual({ a: [1, null] })
    const id = '0b1e5a8c-8f0a-4a53-9c39-0d2f3b6a7c11'
    expect(await back(uuid, id)).toBe(id)
  })

  it('write what Java writes', async () => {
    expect(Buffer.from(await there(int32, 1)).toString('hex')).toBe('00000001')
    expect(Buffer.from(await there(int64, -2n)).toString('hex')).toBe('fffffffffffffffe')
    expect(Buffer.from(await there(float64, 1)).toString('hex')).toBe('3ff0000000000000')
  })

  it('refuse what they cannot write or read, and say where', () => {
    const error = { code: 'OTTLA_SERDE', retriable: false }
    const wrong = (run: () => unknown, message: RegExp): void => {
      expect(run).toThrow(expect.objectContaining(error))
      expect(run).toThrow(message)
    }
    wrong(() => int32.serialize(2 ** 31, context), /value of a record of topic t .* 32-bit/)
    wrong(() => int32.serialize(1.5, { ...context, isKey: true }), /the key of a record/)
    wrong(() => int64.serialize(2n ** 63n, context), /64 bits/)
    wrong(() => int64.deserialize(new Uint8Array(7), context), /7 bytes, not 8/)
    wrong(() => uuid.serialize('no', context), /"no" is no UUID/)
    wrong(() => uuid.deserialize(new Uint8Array(16), context), /16 bytes/)
    wrong(() => json().serialize(1n, context), /JSON cannot hold it/)
    wrong(() => json().serialize(undefined, context), /JSON has no undefined/)
    wrong(() => json().deserialize(Buffer.from('{'), context), /it is not JSON/)
    wrong(() => utf8.serialize(1 as never, context), /must be a string/)
    wrong(() => bytes.serialize('x' as never, context), /must be a Uint8Array/)
  })

  it('check JSON by a schema, at once or later', async () => {
    const schema = (isAsync: boolean): StandardSchema<unknown, { speed: number }> => ({
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const { speed } = value as { speed?: unknown }
          const result =
            typeof speed === 'number'
              ? { value: { speed } }
              : { issues: [{ message: 'no number', path: ['speed'] }] }
          return isAsync ? Promise.resolve(result) : result
        },
      },
    })
    for (const isAsync of [false, true]) {
      const serde = json(schema(isAsync))
      expect(await back(serde, { speed: 3 })).toEqual({ speed: 3 })
      const wrong = async () => serde.serialize({ speed: 'x' } as never, context)
      await expect(wrong()).rejects.toThrow('speed: no number')
      const read = async () => serde.deserialize(Buffer.from('{"speed":"x"}'), context)
      await expect(read()).rejects.toMatchObject({ code: 'OTTLA_SERDE' })
    }
  })
})
