import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTargetFile } from './target-file.js'

describe('a target in a file', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ottla-target-'))
    writeFileSync(join(folder, 'ca.pem'), 'PEM')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const read = (value: unknown, environment = {}) => {
    const path = join(folder, 'target.json')
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
    return readTargetFile(path, environment)
  }

  it('has listeners with their users, certificates beside it, and passwords from elsewhere', () => {
    const alice = { username: 'alice', passwordFrom: 'ALICE', mechanism: 'SCRAM-SHA-512' }
    const listeners = { sasl: { address: 'b:9093', tls: { ca: 'ca.pem' }, users: { alice } } }
    const found = read({ address: 'b:9092', provides: ['acls'], listeners }, { ALICE: 'secret' })
    expect(found).toEqual({
      address: 'b:9092',
      provides: ['acls'],
      listeners: {
        sasl: {
          address: 'b:9093',
          tls: { ca: 'PEM' },
          users: { alice: { username: 'alice', password: 'secret', mechanism: 'SCRAM-SHA-512' } },
        },
      },
    })
  })

  it.each([
    ['{', 'target.json'],
    [[], 'the file is an object.'],
    [{ bootstrap: 'x:1' }, 'the file has no bootstrap; it may have name, address'],
    [{ address: 9092 }, 'address is a text'],
    [{ provides: ['acl'] }, "provides: there is no need 'acl'"],
    [{ security: { tls: { ca: 'none.pem' } } }, 'none.pem'],
    [{ security: { tls: { rejectUnauthorized: 'no' } } }, 'rejectUnauthorized is true or false'],
    [{ security: { credentials: { username: 'a' } } }, 'security.credentials.password is a text'],
    [
      { security: { credentials: { username: 'a', passwordFrom: 'NONE' } } },
      'the variable NONE of security.credentials.passwordFrom is a text',
    ],
    [
      { security: { credentials: { username: 'a', password: 'b', mechanism: 'MD5' } } },
      'mechanism is one of PLAIN',
    ],
  ])('is refused with the name of the field: %j', (value, message) => {
    expect(() => read(value)).toThrow(message)
  })
})
